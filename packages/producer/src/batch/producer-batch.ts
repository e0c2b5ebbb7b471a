import { type CompressionType, SerializationError, type Timer } from '@kafkado/core'
import { assignSequence, RecordBatchBuilder, type RecordContent } from '@kafkado/core/internal'
import type { Waiter } from '../delivery/delivery.ts'
import type { ProducerIdentity } from '../send/producer-identity.ts'

/** Records that go to one partition together, and those who wait for them. */
export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  /** When its first record was sent, by the monotonic clock. */
  readonly createdMs: number
  /** How often it was taken to be sent. */
  attempts = 0
  /** Whether a request with it has left. */
  isSent = false
  /** Whether a request with it is on its way. */
  isUnanswered = false
  /** Why it was not acknowledged when it was sent last. */
  lastError: Error | undefined
  /** Whether others that were numbered before it were on their way when it was sent last: then it may have overtaken them. */
  isBehind = false
  /** Whether it may have been appended by an attempt that was not answered. */
  mayBeAppended = false
  /** Whether it may leave before it is full or has lingered. */
  isDue = false
  identity: ProducerIdentity | undefined
  baseSequence = -1
  /** What it counts for in the buffer of the producer. */
  reservedBytes = 0
  expiry: Timer | undefined
  readonly settled: Promise<void>
  #settle!: () => void
  #isSettled = false
  readonly #builder: RecordBatchBuilder
  readonly #waiters: Waiter[] = []
  #bytes: Uint8Array | undefined

  /** Its place among those of its partition. */
  readonly order: number

  /** @param usualBytes how large it is likely to become, so that its buffer need not grow */
  constructor(topic: string, partition: number, createdMs: number, order: number, usualBytes?: number) {
    this.#builder = new RecordBatchBuilder(usualBytes)
    this.order = order
    this.topic = topic
    this.partition = partition
    this.createdMs = createdMs
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get count(): number {
    return this.#waiters.length
  }

  get sizeInBytes(): number {
    return this.#bytes?.length ?? this.#builder.sizeInBytes
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** @throws SerializationError when the record cannot be written; then the batch is as it was */
  append(content: RecordContent, waiter: Waiter): void {
    try {
      this.#builder.append(content)
    } catch (cause) {
      throw new SerializationError(`topic '${this.topic}': ${(cause as Error).message}`, { cause })
    }
    waiter.timestamp = content.timestamp
    this.#waiters.push(waiter)
  }

  /** The bytes that are sent, the same each time: made at the first call, numbered when the batch has an identity. */
  async encode(compression: CompressionType, isTransactional = false): Promise<Uint8Array> {
    if (!this.#bytes) {
      const built = this.#builder.build({ compression, isTransactional })
      this.#bytes = built instanceof Uint8Array ? built : await built
    }
    const { identity } = this
    if (identity) assignSequence(this.#bytes, identity.producerId, identity.producerEpoch, this.baseSequence)
    return this.#bytes
  }

  /** The records as they were before compression. */
  uncompressed(): Uint8Array {
    return this.#builder.build({}) as Uint8Array
  }

  succeed(baseOffset: number, logAppendTimeMs: number): void {
    if (!this.#finish()) return
    const { topic, partition } = this
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
    for (const waiter of this.#waiters) waiter.reject(error)
  }

  /**
   * Hands the waiters over to the batches that this one is split into. Whoever waits for this one then waits for them, so that a flush does
   * not end before they are delivered.
   */
  handOver(divide: (waiters: readonly Waiter[]) => ProducerBatch[]): ProducerBatch[] {
    if (this.#isSettled) return []
    this.#isSettled = true
    this.expiry?.cancel()
    const parts = divide(this.#waiters)
    void Promise.all(parts.map(({ settled }) => settled)).then(this.#settle)
    return parts
  }

  #finish(): boolean {
    if (this.#isSettled) return false
    this.#isSettled = true
    this.expiry?.cancel()
    this.#settle()
    return true
  }
}
