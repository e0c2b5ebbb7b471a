import type { KafkaRecord } from '@kafkado/core'
import { type RecordSource, sourceOf } from '@kafkado/core/internal'
import type { StartOffset } from '../settings/consumer-config.ts'
import type { AssignedPartition } from './topic-partition.ts'
import { OffsetTracker } from './offset-tracker.ts'
import { TransactionReads } from './transaction-reads.ts'

/** What the records of a partition are made with; it leads from a record back to the state that gave it out. */
export interface PartitionSource<V, K> extends RecordSource<V, K> {
  readonly state: PartitionState<V, K>
}

/**
 * A partition whose first records are not finished gives out no more than this many behind them: all of them would be
 * read again after a crash.
 */
const mostUnfinished = 10_000

/**
 * What a consumer knows of one partition that it owns. It is made anew when the partition comes back or its position is
 * moved.
 */
export class PartitionState<V, K> implements AssignedPartition {
  readonly topic: string
  readonly partition: number
  /** Which topic of that name it is; null where the server does not tell. */
  readonly topicId: string | null
  readonly tracker = new OffsetTracker()
  transactionReads = new TransactionReads()
  /** The offset of the next record to give out; undefined until it is known where to begin. */
  position: number | undefined
  /** The offset of the next record to fetch. */
  fetchOffset = 0
  /** Commits of this reading begin beyond it: what the group had when it began, and then what this member commits. */
  committed: number | undefined
  /**
   * What the group has committed, as far as this member knows; unlike `committed` it is kept when the position is
   * moved.
   */
  groupOffset: number | undefined
  /** Whether the group was asked what it has committed, where there is a group. */
  isBegun = false
  /** Where to begin when the group has no commit; undefined is what the configuration says. */
  startsAt: StartOffset | undefined
  /** Whether a commit of the group says where to begin, if there is one. */
  followsCommit = true
  /**
   * Whether another reader would come to the position by itself as long as nothing was read: it follows from the
   * commit, or is the log's beginning.
   */
  isFoundAgain = false
  highWatermark: number | undefined
  isPaused = false
  /** Not given out yet, as listeners are still being told of it. */
  isHeld = false
  /** Not given out, as its next position is being looked up. */
  isMoving = false
  isFetching = false
  /** No longer given out, because another member is to get it. */
  isRevoking = false
  /** How many fetches the server has answered. */
  fetches = 0
  failures = 0
  /** By the monotonic clock. */
  retryAtMs = 0
  /** Thrown when everything before it was given out. */
  error: Error | undefined
  #records: KafkaRecord<V, K>[] = []
  #next = 0
  /** How many bytes a record that waits to be given out has on average. */
  #recordBytes = 0
  #beganAt: number | undefined

  constructor({ topic, partition, topicId }: AssignedPartition) {
    this.topic = topic
    this.partition = partition
    this.topicId = topicId
  }

  get buffered(): number {
    return this.#records.length - this.#next
  }

  /** About how many bytes wait to be given out. */
  get bufferedBytes(): number {
    return this.buffered * this.#recordBytes
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
   * The offset up to which everything is processed. A position counts also when nothing was read from it: a group that
   * began at the end would skip what comes between two of its members.
   */
  get processedTo(): number | undefined {
    if (this.position === undefined) return undefined
    const { finishedTo, isFinished } = this.tracker
    // Behind the last record there may be markers and aborted records, which count as read.
    return isFinished ? Math.max(finishedTo ?? 0, this.position) : (finishedTo ?? this.#beganAt)
  }

  begin(position: number): void {
    this.position = position
    this.fetchOffset = position
    this.#beganAt = position
  }

  /** What comes before the offset is there no more. */
  skipTo(offset: number): void {
    this.fetchOffset = offset
    if (this.buffered === 0) this.position = offset
  }

  /** Takes over what a fetch brought. */
  fill(records: KafkaRecord<V, K>[], sizeInBytes: number, nextFetchOffset: number): void {
    // Aborted records and markers are not kept, so they take no room: a reader that counted them would wait for ever
    // for them to be given out.
    const bytes = this.bufferedBytes + (records.length === 0 ? 0 : sizeInBytes)
    const left = this.#records.slice(this.#next)
    this.#records = left.length === 0 ? records : [...left, ...records]
    this.#next = 0
    this.#recordBytes = this.buffered === 0 ? 0 : bytes / this.buffered
    this.fetchOffset = nextFetchOffset
    if (this.buffered === 0) this.position = nextFetchOffset
  }

  shift(): KafkaRecord<V, K> | undefined {
    const record = this.#records[this.#next]
    if (!record) return undefined
    this.#next++
    const isLast = this.buffered === 0
    this.position = isLast ? this.fetchOffset : record.offset + 1
    if (isLast) this.drop()
    return record
  }

  /** Takes everything that was fetched, for callers that keep their own account of what is processed. */
  takeAll(): KafkaRecord<V, K>[] {
    const records = this.#next === 0 ? this.#records : this.#records.slice(this.#next)
    this.position = this.fetchOffset
    this.drop()
    return records
  }

  /** Forgets what was fetched. */
  drop(): void {
    this.#records = []
    this.#next = 0
    this.#recordBytes = 0
  }
}

/** The state that gave the record out. */
export function stateOf<V, K>(record: KafkaRecord<V, K>): PartitionState<V, K> {
  return (sourceOf(record) as PartitionSource<V, K>).state
}
