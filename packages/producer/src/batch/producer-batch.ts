import { type CompressionType, SerializationError, type Timer } from '@kafkado/core'
import {
  assignSequence,
  type RecordBatchBuilder,
  type RecordContent,
  sequenceAfter,
  splitRecordBatch,
} from '@kafkado/core/internal'
import type { Waiter } from '../delivery/delivery.ts'
import { BatchAttempts } from './batch-attempts.ts'
import type { ProducerIdentity } from './producer-identity.ts'

/** Where and when a batch began. */
export interface BatchOrigin {
  readonly topic: string
  readonly partition: number
  /** When its first record was sent, by the monotonic clock. */
  readonly createdMs: number
  /** Its position among the batches of its partition. */
  readonly order: number
  /** For a part of a split batch: the index of its first record in the original batch. It orders the parts. */
  readonly firstRecord: number
}

/**
 * Records that go to one partition together, and the callers who wait for them. Only its own methods change its state.
 */
export class ProducerBatch {
  readonly origin: BatchOrigin
  readonly attempts: Readonly<BatchAttempts> = new BatchAttempts()
  /** Resolves when the batch, or every part it was split into, is delivered or has failed. */
  readonly settled: Promise<void>
  #settle!: () => void
  #isSettled = false
  #isDue = false
  #identity: ProducerIdentity | undefined
  #baseSequence = -1
  #expiry: Timer | undefined
  readonly #builder: RecordBatchBuilder
  #waiters: Waiter[] = []
  /** The place of each record with its waiter, and its timestamp. */
  #places: number[] = []
  #timestamps: number[] = []
  #bytes: Uint8Array | undefined
  /** Whether `#bytes` has the current numbers, or will have them. */
  #areNumbersWritten = false

  constructor(origin: BatchOrigin, builder: RecordBatchBuilder) {
    this.#builder = builder
    this.origin = origin
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get count(): number {
    return this.#waiters.length
  }

  /** The size in bytes as sent. Before encoding: the size without compression. */
  get sizeInBytes(): number {
    return this.#bytes?.length ?? this.#builder.sizeInBytes
  }

  /** Before compression. */
  get uncompressedBytes(): number {
    return this.#builder.sizeInBytes
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Whether it may leave before it is full or has lingered. */
  get isDue(): boolean {
    return this.#isDue
  }

  /** The identity under which it is numbered; undefined before that. */
  get identity(): ProducerIdentity | undefined {
    return this.#identity
  }

  /** The number of its first record, once it is numbered. */
  get baseSequence(): number {
    return this.#baseSequence
  }

  /** Whether it was begun before the other one, or is an earlier part of the same. */
  isBefore({ origin }: ProducerBatch): boolean {
    const { order, firstRecord } = this.origin
    return order < origin.order || (order === origin.order && firstRecord < origin.firstRecord)
  }

  /**
   * @param place the record's, for the waiter
   * @throws SerializationError when the record cannot be written; the batch is then unchanged
   */
  append(content: RecordContent, waiter: Waiter, place = 0): void {
    try {
      this.#builder.append(content)
    } catch (cause) {
      throw new SerializationError(`topic '${this.origin.topic}': ${(cause as Error).message}`, { cause })
    }
    this.#waiters.push(waiter)
    this.#places.push(place)
    this.#timestamps.push(content.timestamp)
  }

  /** Stops waiting for more records. */
  hurry(): void {
    this.#isDue = true
  }

  /** @param expiry fires when the time limit is over, unless the batch is settled before */
  limit(expiry: Timer): void {
    this.#expiry = expiry
  }

  /** Sets the numbers that identify the batch to the server. They stay the same in every retry. */
  number(identity: ProducerIdentity, baseSequence: number): void {
    this.#identity = identity
    this.#baseSequence = baseSequence
    this.#areNumbersWritten = false
  }

  /** Drops the numbers, so that the next attempt gets new ones. */
  dropNumbers(): void {
    this.#identity = undefined
  }

  /** Builds the bytes to send, once, and writes the current numbers into them if the batch has an identity. */
  async encode(compression: CompressionType, isTransactional: boolean): Promise<void> {
    if (!this.#bytes) {
      this.#areNumbersWritten = true
      const baseSequence = this.#identity ? this.#baseSequence : -1
      const built = this.#builder.build({ compression, isTransactional, ...this.#identity, baseSequence })
      this.#bytes = built instanceof Uint8Array ? built : await built
    }
    // Other numbers need another checksum over the whole batch.
    if (!this.#identity || this.#areNumbersWritten) return
    this.#areNumbersWritten = true
    assignSequence(this.#bytes, this.#identity.producerId, this.#identity.producerEpoch, this.#baseSequence)
  }

  /** The bytes that {@link encode} made. */
  get encoded(): Uint8Array {
    return this.#bytes as Uint8Array
  }

  succeed(baseOffset: number, logAppendTimeMs: number): void {
    if (!this.#finish()) return
    this.#settle()
    const { topic, partition } = this.origin
    for (const [index, waiter] of this.#waiters.entries())
      waiter.delivered(this.#places[index] as number, {
        topic,
        partition,
        offset: baseOffset < 0 ? -1 : baseOffset + index,
        timestamp: logAppendTimeMs < 0 ? (this.#timestamps[index] as number) : logAppendTimeMs,
      })
  }

  fail(error: unknown): void {
    if (!this.#finish()) return
    this.#settle()
    for (const [index, waiter] of this.#waiters.entries()) waiter.failed(this.#places[index] as number, error)
  }

  /**
   * Replaces the batch by two, each with about half of its records, its numbers and its waiting callers; returns none
   * when the batch is settled. A flush that waits for this batch then waits for both.
   */
  split(): ProducerBatch[] {
    if (this.#isSettled) return []
    // If it throws, the callers still wait here, and the error is for them.
    const builders = splitRecordBatch(this.#builder, this.#timestamps)
    this.#finish()
    const { origin } = this
    let first = 0
    const halves = builders.map((builder) => {
      const end = first + builder.count
      const half = new ProducerBatch({ ...origin, firstRecord: origin.firstRecord + first }, builder)
      half.#waiters = this.#waiters.slice(first, end)
      half.#places = this.#places.slice(first, end)
      half.#timestamps = this.#timestamps.slice(first, end)
      if (this.#identity) half.number(this.#identity, sequenceAfter(this.#baseSequence, first))
      first = end
      return half
    })
    void Promise.all(halves.map(({ settled }) => settled)).then(this.#settle)
    return halves
  }

  #finish(): boolean {
    if (this.#isSettled) return false
    this.#isSettled = true
    this.#expiry?.cancel()
    return true
  }
}
