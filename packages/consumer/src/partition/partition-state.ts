import { TransactionReads } from '#transaction-reads'
import type { KafkaRecord } from '@kafkado/core'
import { type RecordSource, sourceOf, type UnreadRecords } from '@kafkado/core/internal'
import type { StartOffset } from '../settings/consumer-config.ts'
import type { AssignedPartition } from './topic-partition.ts'
import { FetchedRecords } from './fetched-records.ts'
import { OffsetTracker } from './offset-tracker.ts'
import type { RecordSlice } from './record-slice.ts'

/** The shared parts of a partition's records; it leads from a record back to the state that gave it out. */
export interface PartitionSource<V, K> extends RecordSource<V, K> {
  readonly state: PartitionState<V, K>
}

/** The most records that a partition gives out beyond an unfinished one. A crash repeats all of them. */
const mostUnfinished = 10_000

/**
 * Everything that a consumer knows about one partition that it owns. A new state replaces it when the partition comes
 * back or its position moves.
 */
export class PartitionState<V, K> implements AssignedPartition {
  readonly topic: string
  readonly partition: number
  /** The id of the topic; null if the server does not tell it. */
  readonly topicId: string | null
  readonly tracker = new OffsetTracker()
  transactionReads = new TransactionReads()
  /** The offset of the next record to give out; undefined until the consumer knows where to begin. */
  position: number | undefined
  /** The offset of the next record to fetch. */
  fetchOffset = 0
  /**
   * Only offsets beyond it need a commit: first the group's offset at the beginning, then this member's last commit.
   */
  committed: number | undefined
  /**
   * The group's committed offset, as far as this member knows. Unlike `committed`, it stays when the position moves.
   */
  groupOffset: number | undefined
  /** Whether the group's committed offset was looked up, if there is a group. */
  isBegun = false
  /** Where to begin when the group has no committed offset; undefined: as configured. */
  startsAt: StartOffset | undefined
  /** Whether to begin at the group's committed offset, if there is one. */
  followsCommit = true
  /**
   * Whether another reader would find this position by itself while nothing is read: it comes from the committed offset
   * or is the log's beginning.
   */
  isFoundAgain = false
  highWatermark: number | undefined
  isPaused = false
  /** Holds records back while listeners hear of the partition. */
  isHeld = false
  /** Holds records back while the next position is looked up. */
  isMoving = false
  isFetching = false
  /** Holds records back because another member gets the partition. */
  isRevoking = false
  /** How many fetches the server has answered. */
  fetches = 0
  failures = 0
  /** By the monotonic clock. */
  retryAtMs = 0
  /** Thrown once all records before it were given out. */
  error: Error | undefined
  readonly #fetched = new FetchedRecords<V, K>()
  #beganAt: number | undefined

  constructor({ topic, partition, topicId }: AssignedPartition) {
    this.topic = topic
    this.partition = partition
    this.topicId = topicId
  }

  get buffered(): number {
    return this.#fetched.count
  }

  /** The approximate size of the buffered records, in bytes. */
  get bufferedBytes(): number {
    return this.#fetched.sizeInBytes
  }

  /** How many records lie between the position and the end; undefined before the first fetch. */
  get lag(): number | undefined {
    if (this.highWatermark === undefined || this.position === undefined) return undefined
    return Math.max(this.highWatermark - this.position, 0)
  }

  get canGiveOut(): boolean {
    if (this.isPaused || this.isHeld || this.isMoving || this.isRevoking || this.tracker.pending >= mostUnfinished)
      return false
    return this.buffered > 0 || this.error !== undefined
  }

  /**
   * The offset up to which everything is processed. A position counts even before anything was read from it: otherwise
   * a group that began at the end would skip the records between two of its members.
   */
  get processedTo(): number | undefined {
    if (this.position === undefined) return undefined
    const { finishedTo, isFinished } = this.tracker
    // Markers and aborted records may follow the last record; they count as read.
    return isFinished ? Math.max(finishedTo ?? 0, this.position) : (finishedTo ?? this.#beganAt)
  }

  begin(position: number): void {
    this.position = position
    this.fetchOffset = position
    this.#beganAt = position
  }

  /** The log no longer has the records before the offset. */
  skipTo(offset: number): void {
    this.fetchOffset = offset
    if (this.buffered === 0) this.position = offset
  }

  /** Adds the records of a fetch to the buffer. */
  fill(batches: readonly UnreadRecords<V, K>[], sizeInBytes: number, nextFetchOffset: number): void {
    this.#fetched.add(batches, sizeInBytes)
    this.fetchOffset = nextFetchOffset
    if (this.buffered === 0) this.position = nextFetchOffset
  }

  shift(): KafkaRecord<V, K> | undefined {
    const record = this.#fetched.shift()
    if (record) this.#gaveOut(record.offset)
    return record
  }

  /** Takes the next records, at most `most`, and no more than may be unfinished at a time. */
  take(most: number): RecordSlice<V, K> | undefined {
    const slice = this.#fetched.take(Math.min(most, mostUnfinished - this.tracker.pending))
    if (slice) this.#gaveOut(slice.offsetAt(slice.length - 1))
    return slice
  }

  /** Takes all fetched records, for callers who keep their own account of processed records. */
  takeAll(): KafkaRecord<V, K>[] {
    const records = this.#fetched.takeAll()
    this.position = this.fetchOffset
    return records
  }

  /** Drops the fetched records. */
  drop(): void {
    this.#fetched.drop()
  }

  #gaveOut(lastOffset: number): void {
    this.position = this.buffered === 0 ? this.fetchOffset : lastOffset + 1
  }
}

/** The state that gave out the record. */
export function stateOf<V, K>(record: KafkaRecord<V, K>): PartitionState<V, K> {
  return (sourceOf(record) as PartitionSource<V, K>).state
}

/** The state that gave out the records. */
export function stateOfSlice<V, K>({ source }: RecordSlice<V, K>): PartitionState<V, K> {
  return (source as PartitionSource<V, K>).state
}
