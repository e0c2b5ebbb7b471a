import type { MetadataKind, MetadataKinds, MetadataRecord } from './metadata-record.ts'

export interface StoredBatch {
  readonly logId: number
  /**
   * Logs are keyed by the LAST offset of each batch, so the batch that holds X is the first with a key of at least X.
   */
  readonly lastOffset: number
  readonly bytes: Uint8Array
}

/** A batch that takes the place of the one with the same last offset; null removes that one. */
export interface ReplacedBatch {
  readonly logId: number
  readonly lastOffset: number
  readonly bytes: Uint8Array | null
}

/**
 * A place in a log, of which there is one every so many bytes: every record before `baseOffset` has a timestamp of at
 * most `maxTimestamp`, and the batches that were ever appended before it have `position` bytes together.
 */
export interface LogIndexEntry {
  readonly logId: number
  readonly baseOffset: number
  readonly maxTimestamp: number
  readonly position: number
}

/** One atomic unit: after a crash either all of it is there or nothing. */
export class StorageChanges {
  readonly batches: StoredBatch[] = []
  /** What cleaning leaves of batches. */
  readonly replacedBatches: ReplacedBatch[] = []
  readonly indexEntries: LogIndexEntry[] = []
  readonly records: MetadataRecord[] = []
  /** What is to happen in memory once the unit is durable, before anybody who waits for it goes on. */
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
 * Where the engine keeps its logs and its metadata. Reads are synchronous and bounded: they see every unit handed to
 * `commit` before, at the latest when its promise has resolved.
 */
export interface Storage {
  readonly kind: 'memory' | 'disk'
  /**
   * Why nothing more can be written, as soon as that is known; what was kept stays readable. Storages without it tell
   * by `commit` alone.
   */
  readonly failure?: Error | undefined
  /**
   * How many bytes were written since it was opened, with all that is written beside what was committed. Storages
   * without it do not know.
   */
  readonly writtenBytes?: number
  /**
   * Whether it no longer needs the bytes of a unit when its promise has resolved, as it has written or copied them:
   * then the engine uses their memory again. Storages without it keep what they are given.
   */
  readonly releasesBytes?: boolean
  /**
   * Makes it usable.
   *
   * @throws StorageError when the place cannot be opened, or another process has it open
   */
  open(): Promise<void>
  /**
   * Keeps one unit. Resolves once it is durable, in the order of the calls; units that are handed over close together
   * share one sync. The bytes are not changed until then; see `releasesBytes` for later.
   *
   * @throws StorageError after which nothing more can be written: what was kept before stays readable
   */
  commit(changes: StorageChanges): Promise<void>
  /**
   * Whole batches back to back, copied: from the batch that holds `fromOffset`, or else the next one, to the last that
   * ends before `untilOffset`; together at most `maxBytes`, except that with `atLeastOne` the first may be larger.
   */
  readBatches(logId: number, fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array
  /**
   * Where a disk may have to work for what `readBatches` would read, brings it near beside the event loop; undefined
   * when it is at hand. For readers who can wait.
   */
  prepareRead?(...range: Parameters<Storage['readBatches']>): Promise<void> | undefined
  /** The last offset in a log; −1 when it has no batches. */
  lastOffset(logId: number): number
  /**
   * Where the batch ends that holds an offset, or else the next one: its last offset, also where its bytes cannot be
   * read. Undefined when there is none. Where a storage no longer knows that of some batches, it is the last offset of
   * all of them.
   */
  lastOffsetOfBatch(logId: number, offset: number): number | undefined
  /** The last entry of a log's index whose `maxTimestamp` is below the one given. */
  indexEntryBeforeTimestamp(logId: number, timestamp: number): LogIndexEntry | undefined
  /** The last entry of a log's index at or before an offset. */
  indexEntryAtOrBefore(logId: number, offset: number): Pick<LogIndexEntry, 'baseOffset' | 'position'> | undefined
  /** The last entry of a log's index, from an offset on, whose position is at most the one given. */
  indexEntryAtOrBeforePosition(
    logId: number,
    fromOffset: number,
    position: number,
  ): Pick<LogIndexEntry, 'baseOffset' | 'position'> | undefined
  /**
   * Removes batches that end before the offset, all of them with `null`, and the index that belongs to them. Takes a
   * bounded slice at a time; resolves to whether nothing is left to remove.
   */
  removeBatches(logId: number, beforeOffset: number | null): Promise<boolean>
  /** All records of a kind: what the engine reads when it starts. */
  readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[]
  /** Gives room back to the disk, where much of what is kept was removed; writers may have to wait meanwhile. */
  reclaim(): Promise<void>
  /**
   * How many bytes can still be written before the place is full, as far as that is known; Infinity where it is not.
   * What the engine writes to end things, like transactions and deletions, needs some of them, so it stops taking
   * records before they are used up.
   */
  freeBytes(): Promise<number>
  /** Waits for what is being committed, and lets go of the place. May be called more than once. */
  close(): Promise<void>
}
