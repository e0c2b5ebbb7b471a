import { freeBytesOf } from '../free-bytes.ts'
import { existsSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Runtime, type StorageError, systemRuntime } from '@kafkado/core'
import { SingleFlight } from '@kafkado/core/internal'
import { notOpen, notOpened, notWritten } from '../folder-failures.ts'
import { FileIdentity } from '../file-identity.ts'
import { FolderLock } from '../folder-lock.ts'
import { FolderWatch } from '../folder-watch.ts'
import {
  checkFormat,
  copyDatabases,
  createDatabases,
  type LmdbDatabases,
  type LogKey,
  openDatabases,
  takePlace,
  usedBytes,
} from './lmdb-databases.ts'
import { LmdbBatchReader } from './lmdb-batch-reader.ts'
import { putChanges } from './lmdb-changes.ts'
import { checkLmdbFile } from './lmdb-file.ts'
import {
  entryAtOrBefore,
  entryAtOrBeforePosition,
  entryBeforeTimestamp,
  lastKey,
  lastOffset,
  lastOffsetOfBatch,
  type PlaceInLog,
} from './lmdb-index.ts'
import { keptRecord, type MetadataKind, type MetadataRecord } from '../metadata-record.ts'
import type { LogIndexEntry, Storage, StorageChanges } from '../storage.ts'

/** How many keys to remove in one go, so that a large deletion does not block the event loop. */
const removedAtATime = 2000

/**
 * Keeps everything in one LMDB database in a folder. All puts in one turn of the event loop become one transaction with
 * one sync. So units are atomic, and many waiting producers share a sync.
 */
export class LmdbStorage implements Storage {
  readonly kind = 'disk'
  readonly releasesBytes = true
  readonly #folder: string
  #databases: LmdbDatabases | undefined
  #lock: FolderLock | undefined
  #failure: StorageError | undefined
  readonly #reader = new LmdbBatchReader()

  /** Units being written. */
  readonly #writing = new Set<Promise<unknown>>()
  /** While a smaller file replaces this one, writes wait. */
  readonly #replacing = new SingleFlight()
  #isReclaiming = false
  readonly #minReclaimedBytes: number
  readonly #runtime: Runtime
  #file: FileIdentity | undefined
  #watch: FolderWatch | undefined

  /**
   * @param minReclaimedBytes less idle space than this is not freed, because it will be used again anyway; default 64
   *   MiB
   */
  constructor(
    folder: string,
    {
      minReclaimedBytes = 64 * 1024 * 1024,
      runtime = systemRuntime,
    }: { minReclaimedBytes?: number; runtime?: Runtime } = {},
  ) {
    this.#folder = resolve(folder)
    this.#minReclaimedBytes = minReclaimedBytes
    this.#runtime = runtime
  }

  get failure(): StorageError | undefined {
    return this.#failure
  }

  async open(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true })
      this.#lock = await FolderLock.acquire(this.#folder)
      const path = join(this.#folder, 'data.mdb')
      if (existsSync(path)) await checkLmdbFile(path)
      else await createDatabases(path)
      this.#databases = openDatabases(path)
      checkFormat(this.#folder, this.#databases)
      this.#file = this.#identify(path)
      this.#watch = new FolderWatch(
        this.#runtime.clock,
        () => [this.#file, this.#lock?.file].filter((file) => file !== undefined),
        (error) => (this.#failure ??= error),
      )
    } catch (error) {
      await this.close()
      throw notOpened(this.#folder, error)
    }
  }

  commit(changes: StorageChanges): Promise<void> {
    return this.#replacing.present?.then(() => this.#write(changes)) ?? this.#write(changes)
  }

  #write(changes: StorageChanges): Promise<void> {
    const databases = this.#open
    return this.#durable((puts) => putChanges(databases, changes, puts))
  }

  readBatches(
    logId: number,
    fromOffset: number,
    untilOffset: number,
    maxBytes: number,
    atLeastOne: boolean,
  ): Uint8Array {
    return this.#reader.read(this.#open, { logId, fromOffset, untilOffset, maxBytes, atLeastOne })
  }

  lastOffset(logId: number): number {
    return lastOffset(this.#open, logId)
  }

  lastOffsetOfBatch(logId: number, offset: number): number | undefined {
    return lastOffsetOfBatch(this.#open, logId, offset)
  }

  indexEntryBeforeTimestamp(logId: number, timestamp: number): LogIndexEntry | undefined {
    return entryBeforeTimestamp(this.#open, logId, timestamp)
  }

  indexEntryAtOrBefore(logId: number, offset: number): PlaceInLog | undefined {
    return entryAtOrBefore(this.#open, logId, offset)
  }

  indexEntryAtOrBeforePosition(logId: number, fromOffset: number, position: number): PlaceInLog | undefined {
    return entryAtOrBeforePosition(this.#open, logId, fromOffset, position)
  }

  async removeBatches(logId: number, beforeOffset: number | null): Promise<boolean> {
    await this.#replacing.present
    const { log, time, position } = this.#open
    const end: LogKey = [logId, beforeOffset ?? lastKey]
    const keys = [...log.getKeys({ start: [logId, -1], end, limit: removedAtATime })]
    const positions = [...position.getKeys({ start: [logId, -1], end, limit: removedAtATime })]
    const times = [...time.getRange({ start: [logId, -1], end: [logId, lastKey], limit: removedAtATime })]
    const obsolete = times.filter(({ value }) => beforeOffset === null || value[0] < beforeOffset)
    await this.#durable((puts) => {
      for (const key of keys) puts.push(log.remove(key))
      for (const key of positions) puts.push(position.remove(key))
      for (const { key } of obsolete) puts.push(time.remove(key))
    })
    return [keys, positions, obsolete].every(({ length }) => length < removedAtATime)
  }

  readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[] {
    const records: MetadataRecord<Kind>[] = []
    for (const { key, value } of this.#open.metadata.getRange({ start: [kind], end: [`${kind}\0`] })) {
      // LMDB returns a key with one part as that part.
      records.push(keptRecord(kind, Array.isArray(key) ? key.slice(1) : [], value))
    }
    return records
  }

  freeBytes(): Promise<number> {
    return freeBytesOf(this.#folder)
  }

  /** LMDB reuses free pages and never shrinks its file. So a smaller copy replaces the file once that is worth it. */
  async reclaim(): Promise<void> {
    // Only one at a time, from here on and not just during the replacement: a second copy of the old file would lose
    // later writes.
    if (this.#failure || this.#isReclaiming) return
    this.#isReclaiming = true
    try {
      const path = join(this.#folder, 'data.mdb')
      const used = usedBytes(this.#open)
      const idle = (await stat(path)).size - used
      if (idle < this.#minReclaimedBytes || idle < used) return
      // Waiting writes continue in order when it is over.
      await this.#replacing.join(() => this.#replace(path))
    } finally {
      this.#isReclaiming = false
    }
  }

  async #replace(path: string): Promise<void> {
    await Promise.allSettled(this.#writing)
    const old = this.#open
    const copied = await copyDatabases(old, path).catch(() => undefined)
    // If there is no room for a copy, everything stays as it is.
    if (!copied) return
    try {
      await takePlace(copied.copy, path)
    } catch (cause) {
      // Nobody knows which of the two files a restart would find, so neither may be written any more.
      this.#fail(cause)
      await copied.databases.root.close()
      return
    }
    this.#databases = copied.databases
    this.#file = this.#identify(path)
    // Nobody needs the old file any more, even if closing it fails.
    await old.root.close().catch(() => undefined)
  }

  /** Puts everything in this turn of the event loop, and waits until it is on the disk. */
  #durable(put: (puts: Promise<boolean>[]) => void): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    const puts: Promise<boolean>[] = []
    try {
      put(puts)
    } catch (cause) {
      // The earlier puts will be rejected as well, but the whole unit has failed already.
      for (const one of puts) one.catch(() => undefined)
      return Promise.reject(this.#fail(cause))
    }
    const writing = Promise.all(puts).then(
      () => undefined,
      (cause: unknown) => {
        throw this.#fail(cause)
      },
    )
    this.#writing.add(writing)
    const done = (): void => void this.#writing.delete(writing)
    writing.then(done, done)
    return writing
  }

  /** While a smaller file takes its place, the path may lead to either. */
  #identify(path: string): FileIdentity {
    const file: FileIdentity = new FileIdentity(path, () => file === this.#file && !this.#replacing.present)
    return file
  }

  async close(): Promise<void> {
    await this.#replacing.present
    this.#watch?.stop()
    const [databases, lock] = [this.#databases, this.#lock]
    this.#databases = undefined
    this.#lock = undefined
    await databases?.root.close()
    await lock?.release()
  }

  get #open(): LmdbDatabases {
    if (this.#databases) return this.#databases
    throw notOpen(this.#folder)
  }

  /** Never repeats a failed sync: data that the operating system dropped would count as stored. */
  #fail(cause: unknown): StorageError {
    const { commitError } = cause as { commitError?: Promise<unknown> }
    // LMDB rejects this one too, and nobody else handles it.
    commitError?.catch(() => undefined)
    return (this.#failure ??= notWritten(this.#folder, cause))
  }
}
