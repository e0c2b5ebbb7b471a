import type { MetadataKind, MetadataKinds, MetadataRecord } from './metadata-record.ts'

export interface StoredBatch {
  readonly logId: number
  /**
   * Logs are keyed by the LAST offset of each batch, so the batch with offset X is the first with a key of at least X.
   */
  readonly lastOffset: number
  readonly bytes: Uint8Array
}

/** A batch that replaces the one with the same last offset; null removes that one. */
export interface ReplacedBatch {
  readonly logId: number
  readonly lastOffset: number
  readonly bytes: Uint8Array | null
}

/**
 * A place in a log, one for every so many bytes. Every record before `baseOffset` has a timestamp of at most
 * `maxTimestamp`, and all batches ever appended before it have `position` bytes together.
 */
export interface LogIndexEntry {
  readonly logId: number
  readonly baseOffset: number
  readonly maxTimestamp: number
  readonly position: number
}

/** One atomic unit: after a crash, either all of it is stored or nothing. */
export class StorageChanges {
  readonly batches: StoredBatch[] = []
  /** Batches after cleaning. */
  readonly replacedBatches: ReplacedBatch[] = []
  readonly indexEntries: LogIndexEntry[] = []
  readonly records: MetadataRecord[] = []
  /** Actions in memory for when the unit is durable, before its waiting callers continue. */
  readonly afterCommit: (() => void)[] = []

  get isEmpty(): boolean {
    return this.batches.length === 0 && this.records.length === 0 && this.replacedBatches.length === 0
  }

  put<Kind extends MetadataKind>(
    kind: Kind,
    path: MetadataKinds[Kind]['path'],
    value: MetadataKinds[Kind]['value'] | null,
  ): void {
    this.records.push({ kind, path, value } as MetadataRecord)
  }
}

/**
 * Keeps the logs and metadata of an engine. Reads are synchronous and bounded: they see every unit passed to `commit`
 * before, at the latest once its promise has resolved.
 */
export interface Storage {
  readonly kind: 'memory' | 'disk'
  /**
   * Why nothing more can be written, as soon as that is known; stored data stay readable. Without it, only `commit`
   * reports failures.
   */
  readonly failure?: Error | undefined
  /**
   * The bytes written since the storage was opened, including its own overhead. Undefined if it does not count them.
   */
  readonly writtenBytes?: number
  /**
   * Whether a unit's bytes may be reused once its promise has resolved, because the storage has written or copied them.
   * The engine then reuses their memory. Without it, the storage keeps the given bytes.
   */
  readonly releasesBytes?: boolean
  /**
   * Opens the storage.
   *
   * @throws StorageError when the place cannot be opened, or another process has it open
   */
  open(): Promise<void>
  /**
   * Stores one unit. Resolves once it is durable, in the order of the calls; units passed close together share one
   * sync. The bytes do not change until then; see `releasesBytes` for later.
   *
   * @throws StorageError after which nothing more can be written; earlier data stay readable
   */
  commit(changes: StorageChanges): Promise<void>
  /**
   * Copies whole batches back to back: from the batch with `fromOffset`, or else the next one, to the last one that
   * ends before `untilOffset`; together at most `maxBytes`, except that with `atLeastOne` the first may be larger.
   */
  readBatches(logId: number, fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array
  /**
   * If `readBatches` might have to wait for a disk, reads ahead without blocking the event loop; undefined when the
   * data are at hand. For readers that can wait.
   */
  prepareRead?(...range: Parameters<Storage['readBatches']>): Promise<void> | undefined
  /** The last offset in a log; −1 when it has no batches. */
  lastOffset(logId: number): number
  /**
   * The last offset of the batch with an offset, or else of the next one, even if its bytes cannot be read. Undefined
   * if there is none. If a storage has lost this for some batches, it is the last offset of all of them.
   */
  lastOffsetOfBatch(logId: number, offset: number): number | undefined
  /** The last entry of a log's index with a `maxTimestamp` below the given one. */
  indexEntryBeforeTimestamp(logId: number, timestamp: number): LogIndexEntry | undefined
  /** The last entry of a log's index at or before an offset. */
  indexEntryAtOrBefore(logId: number, offset: number): Pick<LogIndexEntry, 'baseOffset' | 'position'> | undefined
  /** The last entry of a log's index, from an offset on, with a position of at most the given one. */
  indexEntryAtOrBeforePosition(
    logId: number,
    fromOffset: number,
    position: number,
  ): Pick<LogIndexEntry, 'baseOffset' | 'position'> | undefined
  /**
   * Removes batches that end before the offset, or all of them with `null`, and their part of the index. Takes a
   * bounded slice at a time; resolves to whether nothing is left to remove.
   */
  removeBatches(logId: number, beforeOffset: number | null): Promise<boolean>
  /** All records of a kind, for the engine's start. */
  readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[]
  /** Frees disk space after large removals; writers may have to wait meanwhile. */
  reclaim(): Promise<void>
  /**
   * How many bytes can still be written before the place is full; Infinity if unknown. The engine needs some of them to
   * end transactions and delete records, so it refuses records before they are used up.
   */
  freeBytes(): Promise<number>
  /** Waits for the commits under way, and closes the place. You may call it more than once. */
  close(): Promise<void>
}
