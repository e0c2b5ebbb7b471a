import { freeBytesOf } from './free-bytes.ts'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Runtime, type StorageError, systemRuntime } from '@kafkado/core'
import { openSqlite } from '@kafkado/core/internal/node'
import { FileIdentity } from './file-identity.ts'
import { notOpen, notOpened, notWritten } from './folder-failures.ts'
import { FolderLock } from './folder-lock.ts'
import { FolderWatch } from './folder-watch.ts'
import { keptRecord, type MetadataKind, type MetadataRecord } from './metadata-record.ts'
import { SqliteStatements } from './sqlite-statements.ts'
import type { LogIndexEntry, Storage, StorageChanges } from './storage.ts'

/** Increase it when the stored form changes. */
const formatVersion = 2
const removedAtATime = 2000
const reclaimedPagesAtATime = 1000

interface QueuedUnit {
  readonly changes: StorageChanges
  resolve(): void
  reject(error: unknown): void
}

/**
 * Keeps everything in one SQLite database in a folder, with the SQLite built into Node. It needs no other package, and
 * is fast for single small units, but a sync blocks the event loop.
 */
export class SqliteStorage implements Storage {
  readonly kind = 'disk'
  readonly releasesBytes = true
  readonly #folder: string
  readonly #runtime: Runtime
  #database: DatabaseSync | undefined
  #prepared: SqliteStatements | undefined
  #lock: FolderLock | undefined
  #watch: FolderWatch | undefined
  #failure: StorageError | undefined
  #queue: QueuedUnit[] = []

  constructor(folder: string, { runtime = systemRuntime }: { runtime?: Runtime } = {}) {
    this.#folder = resolve(folder)
    this.#runtime = runtime
  }

  get failure(): StorageError | undefined {
    return this.#failure
  }

  async open(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true })
      this.#lock = await FolderLock.acquire(this.#folder)
      const path = join(this.#folder, 'data.sqlite')
      this.#database = openSqlite(path, { timeout: 5000 })
      this.#prepared = new SqliteStatements(this.#database, formatVersion)
      this.#watchFiles(path, this.#lock)
    } catch (error) {
      await this.close()
      throw notOpened(this.#folder, error)
    }
  }

  commit(changes: StorageChanges): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolveUnit, reject) => {
      this.#queue.push({ changes, resolve: resolveUnit, reject })
      // All units of one turn of the event loop share a transaction and its sync.
      if (this.#queue.length === 1) setImmediate(() => this.#flush())
    })
  }

  readBatches(
    logId: number,
    fromOffset: number,
    untilOffset: number,
    maxBytes: number,
    atLeastOne: boolean,
  ): Uint8Array {
    const parts: Uint8Array[] = []
    let size = 0
    for (const row of this.#statements.batches.iterate(logId, fromOffset, untilOffset)) {
      const bytes = row['bytes'] as Uint8Array
      const isFree = atLeastOne && parts.length === 0
      if (size + bytes.length > maxBytes && !isFree) break
      parts.push(bytes)
      size += bytes.length
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, size)
  }

  lastOffset(logId: number): number {
    return (this.#statements.lastOffset.get(logId)?.['lastOffset'] as number | null | undefined) ?? -1
  }

  lastOffsetOfBatch(logId: number, offset: number): number | undefined {
    const found = this.#statements.lastOffsetOfBatch.get(logId, offset)?.['lastOffset']
    return (found as number | null | undefined) ?? undefined
  }

  indexEntryBeforeTimestamp(logId: number, timestamp: number): LogIndexEntry | undefined {
    return entryOf(this.#statements.beforeTimestamp, logId, timestamp)
  }

  indexEntryAtOrBefore(logId: number, offset: number): LogIndexEntry | undefined {
    return entryOf(this.#statements.atOrBefore, logId, offset)
  }

  indexEntryAtOrBeforePosition(logId: number, fromOffset: number, position: number): LogIndexEntry | undefined {
    return entryOf(this.#statements.atOrBeforePosition, logId, fromOffset, position)
  }

  async removeBatches(logId: number, beforeOffset: number | null): Promise<boolean> {
    if (this.#failure) throw this.#failure
    const before = beforeOffset ?? Number.MAX_SAFE_INTEGER
    const { removeBatches, removeIndex } = this.#statements
    const { changes } = removeBatches.run(logId, before, removedAtATime)
    removeIndex.run(logId, before)
    // Nobody waits for a removal, so others get their turn between two slices.
    await new Promise((next) => setImmediate(next))
    return Number(changes) < removedAtATime
  }

  readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[] {
    return this.#statements.metadata
      .all(kind)
      .map((row) => keptRecord(kind, JSON.parse(row['path'] as string), JSON.parse(row['value'] as string)))
  }

  async reclaim(): Promise<void> {
    while (this.#database && !this.#failure && this.#statements.freePages() > 0) {
      this.#flush()
      this.#database.exec(`PRAGMA incremental_vacuum(${reclaimedPagesAtATime})`)
      await new Promise((next) => setImmediate(next))
    }
    if (!this.#failure) this.#database?.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  }

  freeBytes(): Promise<number> {
    return freeBytesOf(this.#folder)
  }

  async close(): Promise<void> {
    await this.#watch?.check()
    this.#watch?.stop()
    this.#flush()
    const [database, lock] = [this.#database, this.#lock]
    this.#database = undefined
    this.#prepared = undefined
    this.#lock = undefined
    database?.close()
    await lock?.release()
  }

  get #statements(): SqliteStatements {
    if (this.#prepared) return this.#prepared
    throw notOpen(this.#folder)
  }

  #watchFiles(path: string, lock: FolderLock): void {
    const database = new FileIdentity(path)
    this.#watch = new FolderWatch(
      this.#runtime.clock,
      () => [database, ...(lock.file ? [lock.file] : [])],
      (error) => (this.#failure ??= error),
    )
  }

  #flush(): void {
    const units = this.#queue
    if (units.length === 0) return
    this.#queue = []
    try {
      if (this.#failure) throw this.#failure
      this.#database?.exec('BEGIN IMMEDIATE')
      for (const { changes } of units) this.#statements.write(changes)
      this.#database?.exec('COMMIT')
      for (const unit of units) unit.resolve()
    } catch (cause) {
      this.#failure ??= notWritten(this.#folder, cause)
      for (const unit of units) unit.reject(this.#failure)
    }
  }
}

function entryOf(statement: StatementSync, ...parameters: number[]): LogIndexEntry | undefined {
  const row = statement.get(...parameters)
  return row && ({ ...row } as Record<keyof LogIndexEntry, number>)
}
