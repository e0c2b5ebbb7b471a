import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { StorageError } from '@kafkado/core'
import type { StorageChanges } from './storage.ts'

const schema = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS log (
    logId INTEGER NOT NULL, lastOffset INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (logId, lastOffset)
  );
  CREATE TABLE IF NOT EXISTS log_index (
    logId INTEGER NOT NULL, baseOffset INTEGER NOT NULL, maxTimestamp INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (logId, baseOffset)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS log_index_by_time ON log_index (logId, maxTimestamp, baseOffset);
  CREATE TABLE IF NOT EXISTS metadata (
    kind TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, path)
  ) WITHOUT ROWID;
`

/** The tables of a SQLite storage, and every statement on them. */
export class SqliteStatements {
  readonly batches: StatementSync
  readonly lastOffset: StatementSync
  readonly lastOffsetOfBatch: StatementSync
  readonly beforeTimestamp: StatementSync
  readonly atOrBefore: StatementSync
  readonly atOrBeforePosition: StatementSync
  readonly removeBatches: StatementSync
  readonly removeIndex: StatementSync
  readonly metadata: StatementSync
  readonly #freePages: StatementSync
  readonly #putBatch: StatementSync
  readonly #removeBatch: StatementSync
  readonly #putIndex: StatementSync
  readonly #putMetadata: StatementSync
  readonly #removeMetadata: StatementSync

  constructor(database: DatabaseSync, formatVersion: number) {
    database.exec(schema)
    const found = database.prepare('PRAGMA user_version').get()?.['user_version'] as number
    if (found !== 0 && found !== formatVersion) {
      throw new StorageError(
        `the database has the format ${found}, this version of kafkado reads format ${formatVersion}`,
        { retriable: false },
      )
    }
    database.exec(`PRAGMA user_version = ${formatVersion}`)
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    const entry = 'SELECT logId, baseOffset, maxTimestamp, position FROM log_index WHERE logId = ?'
    this.batches = prepare(
      'SELECT bytes FROM log WHERE logId = ? AND lastOffset >= ? AND lastOffset < ? ORDER BY lastOffset',
    )
    this.lastOffset = prepare('SELECT max(lastOffset) AS lastOffset FROM log WHERE logId = ?')
    this.lastOffsetOfBatch = prepare(
      'SELECT min(lastOffset) AS lastOffset FROM log WHERE logId = ? AND lastOffset >= ?',
    )
    this.beforeTimestamp = prepare(`${entry} AND maxTimestamp < ? ORDER BY maxTimestamp DESC, baseOffset DESC LIMIT 1`)
    this.atOrBefore = prepare(`${entry} AND baseOffset <= ? ORDER BY baseOffset DESC LIMIT 1`)
    this.atOrBeforePosition = prepare(`${entry} AND baseOffset >= ? AND position <= ? ORDER BY baseOffset DESC LIMIT 1`)
    this.removeBatches = prepare(
      'DELETE FROM log WHERE rowid IN (SELECT rowid FROM log WHERE logId = ? AND lastOffset < ? ' +
        'ORDER BY lastOffset LIMIT ?)',
    )
    this.removeIndex = prepare('DELETE FROM log_index WHERE logId = ? AND baseOffset < ?')
    this.metadata = prepare('SELECT path, value FROM metadata WHERE kind = ? ORDER BY path')
    this.#freePages = prepare('PRAGMA freelist_count')
    this.#putBatch = prepare(
      'INSERT INTO log (logId, lastOffset, bytes) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes',
    )
    this.#removeBatch = prepare('DELETE FROM log WHERE logId = ? AND lastOffset = ?')
    this.#putIndex = prepare(
      'INSERT OR REPLACE INTO log_index (logId, baseOffset, maxTimestamp, position) VALUES (?, ?, ?, ?)',
    )
    this.#putMetadata = prepare('INSERT OR REPLACE INTO metadata (kind, path, value) VALUES (?, ?, ?)')
    this.#removeMetadata = prepare('DELETE FROM metadata WHERE kind = ? AND path = ?')
  }

  /** The number of unused pages. */
  freePages(): number {
    return this.#freePages.get()?.['freelist_count'] as number
  }

  /** Writes a unit; the transaction around it is the caller's. */
  write({ batches, replacedBatches, indexEntries, records }: StorageChanges): void {
    for (const { logId, lastOffset, bytes } of batches) this.#putBatch.run(logId, lastOffset, bytes)
    for (const { logId, lastOffset, bytes } of replacedBatches) {
      if (bytes) this.#putBatch.run(logId, lastOffset, bytes)
      else this.#removeBatch.run(logId, lastOffset)
    }
    for (const { logId, baseOffset, maxTimestamp, position } of indexEntries)
      this.#putIndex.run(logId, baseOffset, maxTimestamp, position)
    for (const { kind, path, value } of records) {
      const key = JSON.stringify(path)
      if (value === null) this.#removeMetadata.run(kind, key)
      else this.#putMetadata.run(kind, key, JSON.stringify(value))
    }
  }
}
