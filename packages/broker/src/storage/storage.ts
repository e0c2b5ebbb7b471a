import type { MetadataKind, MetadataKinds, MetadataRecord } from './metadata-record.ts'

export interface StoredBatch {
  readonly logId: number
  /** Logs are keyed by the LAST offset of each batch, so the batch that holds X is the first with a key of at least X. */
  readonly lastOffset: number
  readonly bytes: Uint8Array
}

/** Says that every record before `baseOffset` has a timestamp of at most `maxTimestamp`. */
export interface TimeIndexEntry {
  readonly logId: number
  readonly maxTimestamp: number
  readonly baseOffset: number
}

/** One atomic unit: after a crash either all of it is there or nothing. */
export class StorageChanges {
  readonly batches: StoredBatch[] = []
  readonly timeIndexEntries: TimeIndexEntry[] = []
  readonly records: MetadataRecord[] = []
  /** What is to happen in memory once the unit is durable, before anybody who waits for it goes on. */
  readonly afterCommit: (() => void)[] = []

  get isEmpty(): boolean {
    return this.batches.length === 0 && this.records.length === 0
  }

  get sizeInBytes(): number {
    let size = this.records.length * 200
    for (const { bytes } of this.batches) size += bytes.length
    return size
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
   * Makes it usable.
   *
   * @throws StorageError when the place cannot be opened, or another process has it open
   */
  open(): Promise<void>
  /**
   * Keeps one unit. Resolves once it is durable, in the order of the calls; units that are handed over close together
   * share one sync. The bytes must not be changed any more.
   *
   * @throws StorageError after which nothing more can be written: what was kept before stays readable
   */
  commit(changes: StorageChanges): Promise<void>
  /**
   * Whole batches back to back, copied: from the batch that holds `fromOffset`, or else the next one, to the last that ends
   * before `untilOffset`; together at most `maxBytes`, except that with `atLeastOne` the first may be larger.
   */
  readBatches(logId: number, fromOffset: number, untilOffset: number, maxBytes: number, atLeastOne: boolean): Uint8Array
  /** The last offset in a log; −1 when it has no batches. */
  lastOffset(logId: number): number
  /** The last entry of a log's time index whose `maxTimestamp` is below the one given. */
  timeIndexBefore(logId: number, timestamp: number): TimeIndexEntry | undefined
  /**
   * Removes batches that end before the offset, all of them with `null`, and the time index that belongs to them. Takes a
   * bounded slice at a time; resolves to whether nothing is left to remove.
   */
  removeBatches(logId: number, beforeOffset: number | null): Promise<boolean>
  /** All records of a kind: what the engine reads when it starts. */
  readMetadata<Kind extends MetadataKind>(kind: Kind): MetadataRecord<Kind>[]
  /** Waits for what is being committed, and lets go of the place. May be called more than once. */
  close(): Promise<void>
}
