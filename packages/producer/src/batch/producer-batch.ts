import { type CompressionType, SerializationError, type Timer } from '@kafkado/core'
import {
  assignSequence,
  RecordBatchBuilder,
  type RecordContent,
  type RecordsInBytes,
  sequenceAfter,
} from '@kafkado/core/internal'
import type { Waiter } from '../delivery/delivery.ts'
import { BatchAttempts } from './batch-attempts.ts'
import type { ProducerIdentity } from './producer-identity.ts'

/** What a batch is begun with. */
export interface BatchOrigin {
  readonly topic: string
  readonly partition: number
  /** When its first record was sent, by the monotonic clock. */
  readonly createdMs: number
  /** Its place among the batches of its partition. */
  readonly order: number
  /**
   * Of a part of a batch that was split: which of that one's records is its first, and so its place among the parts.
   */
  readonly firstRecord: number
}

/**
 * Records that go to one partition together, and those who wait for them. What becomes of it is written by its own
 * methods alone.
 */
export class ProducerBatch {
  readonly origin: BatchOrigin
  readonly attempts: Readonly<BatchAttempts> = new BatchAttempts()
  /** Resolves when it, or what it was split into, is delivered or has failed. */
  readonly settled: Promise<void>
  #settle!: () => void
  #isSettled = false
  #isDue = false
  #identity: ProducerIdentity | undefined
  #baseSequence = -1
  #expiry: Timer | undefined
  readonly #builder: RecordBatchBuilder
  readonly #waiters: Waiter[] = []
  #bytes: Uint8Array | undefined

  /** @param usualBytes how large it is likely to become, so that its buffer need not grow */
  constructor(origin: BatchOrigin, usualBytes?: number) {
    this.#builder = new RecordBatchBuilder(usualBytes)
    this.origin = origin
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get count(): number {
    return this.#waiters.length
  }

  /** As it is sent, and before that as it would be without compression. */
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

  /** Under which it is numbered; undefined before that. */
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

  /** @throws SerializationError when the record cannot be written; then the batch is as it was */
  append(content: RecordContent, waiter: Waiter): void {
    try {
      this.#builder.append(content)
    } catch (cause) {
      throw new SerializationError(`topic '${this.origin.topic}': ${(cause as Error).message}`, { cause })
    }
    waiter.timestamp = content.timestamp
    this.#waiters.push(waiter)
  }

  /** It does not wait for more records. */
  hurry(): void {
    this.#isDue = true
  }

  /** @param expiry runs when its time is over, unless it is settled before */
  limit(expiry: Timer): void {
    this.#expiry = expiry
  }

  /** The numbers by which the server tells it from others; they stay the same however often it is sent. */
  number(identity: ProducerIdentity, baseSequence: number): void {
    this.#identity = identity
    this.#baseSequence = baseSequence
  }

  /** It gets other numbers when it is sent again. */
  dropNumbers(): void {
    this.#identity = undefined
  }

  /** Makes the bytes that are sent, the same each time: at the first call, numbered when the batch has an identity. */
  async encode(compression: CompressionType, isTransactional: boolean): Promise<void> {
    if (!this.#bytes) {
      const built = this.#builder.build({ compression, isTransactional })
      this.#bytes = built instanceof Uint8Array ? built : await built
    }
    const identity = this.#identity
    if (identity) assignSequence(this.#bytes, identity.producerId, identity.producerEpoch, this.#baseSequence)
  }

  /** What {@link encode} has made. */
  get encoded(): Uint8Array {
    return this.#bytes as Uint8Array
  }

  /** The records as they were before compression. */
  uncompressed(): RecordsInBytes {
    return this.#builder.records()
  }

  succeed(baseOffset: number, logAppendTimeMs: number): void {
    if (!this.#finish()) return
    this.#settle()
    const { topic, partition } = this.origin
    this.#waiters.forEach((waiter, index) =>
      waiter.resolve({
        topic,
        partition,
        offset: baseOffset < 0 ? -1 : baseOffset + index,
        timestamp: logAppendTimeMs < 0 ? waiter.timestamp : logAppendTimeMs,
      }),
    )
  }

  fail(error: unknown): void {
    if (!this.#finish()) return
    this.#settle()
    for (const waiter of this.#waiters) waiter.reject(error)
  }

  /**
   * Batches with these records in its place, under its numbers; those who wait go along. Whoever waits for this one
   * then waits for them, so that a flush does not end before they are delivered.
   *
   * @param parts its records, divided
   */
  split(parts: readonly (readonly RecordContent[])[]): ProducerBatch[] {
    if (!this.#finish()) return []
    let first = 0
    const batches = parts.map((contents) => {
      const part = this.#partFrom(first)
      contents.forEach((content, index) => part.append(content, this.#waiters[first + index] as Waiter))
      first += contents.length
      return part
    })
    void Promise.all(batches.map(({ settled }) => settled)).then(this.#settle)
    return batches
  }

  #partFrom(record: number): ProducerBatch {
    const { origin } = this
    const part = new ProducerBatch({ ...origin, firstRecord: origin.firstRecord + record })
    if (this.#identity) part.number(this.#identity, sequenceAfter(this.#baseSequence, record))
    return part
  }

  #finish(): boolean {
    if (this.#isSettled) return false
    this.#isSettled = true
    this.#expiry?.cancel()
    return true
  }
}
