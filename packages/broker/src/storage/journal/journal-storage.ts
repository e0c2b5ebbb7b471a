import { join, resolve } from 'node:path'
import { type Runtime, type StorageError, systemRuntime } from '@kafkado/core'
import { notOpen, notOpened } from '../folder-failures.ts'
import { FolderLock } from '../folder-lock.ts'
import type { MetadataKind, MetadataRecord } from '../metadata-record.ts'
import type { LogIndexEntry, Storage, StorageChanges } from '../storage.ts'
import type { JournalFolder } from './journal-folder.ts'
import { type JournalLimits, journalLimits } from './journal-limits.ts'
import { Journal } from './journal.ts'
import { NodeFolder } from './node-folder.ts'
import type { Row } from './sorted-table.ts'

const noBytes: Uint8Array = new Uint8Array(0)

export interface JournalOptions {
  readonly limits?: Partial<JournalLimits>
  /** The disk; default: the folder itself. For tests. */
  readonly disk?: JournalFolder
  readonly runtime?: Runtime
}

/**
 * Keeps everything in journal files in a folder. Each commit is appended once, in a frame shared by many waiting
 * callers, and an index in memory knows its place. See frame.ts, file-head.ts and checkpoint-head.ts for the files, and
 * recovery.ts for reading them.
 */
export class JournalStorage implements Storage {
  readonly kind = 'disk'
  readonly releasesBytes = true
  readonly #folder: string
  readonly #disk: JournalFolder
  readonly #options: JournalOptions
  #journal: Journal | undefined
  #lock: FolderLock | undefined

  constructor(folder: string, options: JournalOptions = {}) {
    this.#folder = resolve(folder)
    this.#disk = options.disk ?? new NodeFolder(join(this.#folder, 'journal'))
    this.#options = options
  }

  get failure(): StorageError | undefined {
    return this.#journal?.failure
  }

  get writtenBytes(): number {
    return this.#journal?.writtenBytes ?? 0
  }

  async open(): Promise<void> {
    const { runtime = systemRuntime, limits, disk } = this.#options
    try {
      await this.#disk.make()
      if (!disk) {
        this.#lock = await FolderLock.acquire(this.#folder)
      }
      this.#journal = await Journal.open(this.#disk, runtime, { ...journalLimits, ...limits }, this.#lock?.file)
    } catch (error) {
      await this.close()
      throw notOpened(this.#folder, error)
    }
  }

  commit(changes: StorageChanges): Promise<void> {
    return this.#open.commit({ changes })
  }

  readBatches(...[logId, ...range]: Parameters<Storage['readBatches']>): Uint8Array {
    return this.#open.read(logId, range) ?? noBytes
  }

  prepareRead(...[logId, ...range]: Parameters<Storage['readBatches']>): Promise<void> | undefined {
    return this.#open.prepareRead(logId, range)
  }

  lastOffset(logId: number): number {
    return this.#open.state.logs.get(logId)?.batches.lastKey ?? -1
  }

  lastOffsetOfBatch(logId: number, offset: number): number | undefined {
    return this.#open.state.logs.get(logId)?.batches.keyAtLeast(offset)
  }

  indexEntryBeforeTimestamp(logId: number, timestamp: number): LogIndexEntry | undefined {
    return entryOf(logId, this.#index(logId)?.lastBelow(1, timestamp))
  }

  indexEntryAtOrBefore(logId: number, offset: number): LogIndexEntry | undefined {
    return entryOf(logId, this.#index(logId)?.lastBelow(0, offset + 1))
  }

  indexEntryAtOrBeforePosition(logId: number, fromOffset: number, position: number): LogIndexEntry | undefined {
    const found = entryOf(logId, this.#index(logId)?.lastBelow(2, position + 1))
    return found && found.baseOffset >= fromOffset ? found : undefined
  }

  removeBatches(logId: number, beforeOffset: number | null): Promise<boolean> {
    return this.#open.remove({ logId, beforeOffset })
  }

  readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[] {
    return this.#open.state.metadata.read(kind)
  }

  reclaim(): Promise<void> {
    return this.#open.reclaim()
  }

  /** Frees all unused space, even where `reclaim` finds the copies too expensive. For a folder that is not in use. */
  compact(): Promise<void> {
    return this.#open.compact()
  }

  freeBytes(): Promise<number> {
    return this.#disk.freeBytes()
  }

  async close(): Promise<void> {
    const [journal, lock] = [this.#journal, this.#lock]
    this.#journal = undefined
    this.#lock = undefined
    try {
      await journal?.close()
    } finally {
      await lock?.release()
    }
  }

  get #open(): Journal {
    if (this.#journal) return this.#journal
    throw notOpen(this.#folder)
  }

  #index(logId: number) {
    return this.#open.state.logs.get(logId)?.index
  }
}

function entryOf(logId: number, row: Row | undefined): LogIndexEntry | undefined {
  return row && { logId, baseOffset: row[0], maxTimestamp: row[1], position: row[2] }
}
