import { InvalidRequestError, type KafkaRecord } from '@kafkado/core'
import type { InvalidTimestamp } from '../graph/graph-node.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** A negative time is not valid. */
type TimeOfRecord = (record: AnyRecord) => number

/** The waiting records of one partition, in the order of their offsets. */
export class RecordQueue {
  readonly topic: string
  readonly #timestampOf: TimeOfRecord | undefined
  readonly #invalid: InvalidTimestamp
  readonly #onSkipped: () => void
  #records: AnyRecord[] = []
  #next = 0
  /** The time of the first record; undefined when there is none. */
  headTimestamp: number | undefined
  /** Why the first record has no time. It gets its turn at the time of its partition, and then fails like any other. */
  headFailure: { readonly error: unknown } | undefined
  /** The greatest time of the records that have been first so far; −1 before any. */
  partitionTime = -1

  constructor(topic: string, timestampOf: TimeOfRecord | undefined, invalid: InvalidTimestamp, onSkipped: () => void) {
    this.topic = topic
    this.#timestampOf = timestampOf
    this.#invalid = invalid
    this.#onSkipped = onSkipped
  }

  get size(): number {
    return this.#records.length - this.#next
  }

  add(records: AnyRecord[]): void {
    if (records.length === 0) return
    const left = this.#next === 0 ? this.#records : this.#records.slice(this.#next)
    this.#records = left.length === 0 ? records : [...left, ...records]
    this.#next = 0
    if (this.headTimestamp === undefined) this.#look()
  }

  /** Removes the first record; there must be one. */
  take(): AnyRecord {
    const record = this.#records[this.#next++] as AnyRecord
    this.#look()
    return record
  }

  /** Reads the time of the first record, and skips records without a valid time if requested. */
  #look(): void {
    this.headFailure = undefined
    for (;;) {
      const record = this.#records[this.#next]
      if (!record) {
        this.#records = []
        this.#next = 0
        this.headTimestamp = undefined
        return
      }
      const valid = this.#timeOf(record)
      if (valid !== undefined) {
        this.headTimestamp = valid
        if (valid > this.partitionTime) this.partitionTime = valid
        return
      }
      this.#next++
      this.#onSkipped()
    }
  }

  /** Undefined skips the record. */
  #timeOf(record: AnyRecord): number | undefined {
    try {
      const timestamp = this.#timestampOf ? this.#timestampOf(record) : record.timestamp
      return timestamp >= 0 ? timestamp : validTimestamp(this.#invalid, record, timestamp, this.partitionTime)
    } catch (error) {
      this.headFailure = { error }
      return Math.max(this.partitionTime, 0)
    }
  }
}

/**
 * The replacement for a time that is negative or no number; undefined skips the record. Kafka: FailOnInvalidTimestamp,
 * LogAndSkipOnInvalidTimestamp, UsePartitionTimeOnInvalidTimestamp.
 *
 * @throws InvalidRequestError
 */
export function validTimestamp(
  policy: InvalidTimestamp,
  { topic, partition, offset }: Pick<AnyRecord, 'topic' | 'partition' | 'offset'>,
  timestamp: number,
  partitionTime: number,
): number | undefined {
  if (timestamp >= 0) return timestamp
  if (policy === 'skip') return undefined
  if (policy === 'partition-time' && partitionTime >= 0) return partitionTime
  throw new InvalidRequestError(
    `topic '${topic}' partition ${partition} offset ${offset}: the record has no valid time (${timestamp}); ` +
      "give the source { timestamp }, or { invalidTimestamp: 'skip' | 'partition-time' }",
  )
}

/**
 * The queue with the earliest first record; undefined when there is none, or when an empty queue may still get an
 * earlier record.
 */
export function earliestOf(
  queues: readonly RecordQueue[],
  mayGoOn: (topic: string) => boolean,
): RecordQueue | undefined {
  let earliest: RecordQueue | undefined
  let earliestTime = Infinity
  for (const queue of queues) {
    const { headTimestamp } = queue
    if (headTimestamp === undefined) {
      if (!mayGoOn(queue.topic)) return undefined
    } else if (headTimestamp < earliestTime) {
      earliest = queue
      earliestTime = headTimestamp
    }
  }
  return earliest
}
