import { type AnyKafkaRecord, KafkaError, produce, type Runtime, type Transport } from '@kafkado/core'
import { backoffOf, lookUpTopics, oneRecordBatch, refusalOf, retrying } from '@kafkado/core/internal'
import { deadLetterHeaders } from './dead-letter.ts'

/** How long one attempt waits for the topic to exist. */
const lookUpTimeoutMs = 30_000

/** With the waits in between, about half a minute. */
const mostAttempts = 10

interface WriterParts {
  readonly transport: Transport
  readonly topic: string
  readonly runtime: Runtime
  /** Aborts running writes. */
  readonly signal: AbortSignal
}

/**
 * Writes records that cannot be decoded to another topic. The consumer knows no producer, so it writes by itself. When
 * an answer is lost it writes the record again: a dead letter may appear twice and never gets lost.
 */
export class DeadLetterWriter {
  readonly #transport: Transport
  readonly #topic: string
  readonly #runtime: Runtime
  readonly #signal: AbortSignal
  readonly #writing = new Set<Promise<void>>()
  #partitionCount: number | undefined

  constructor({ transport, topic, runtime, signal }: WriterParts) {
    this.#transport = transport
    this.#topic = topic
    this.#runtime = runtime
    this.#signal = signal
  }

  /** @throws KafkaError when the topic refuses the record */
  write(record: AnyKafkaRecord, error: unknown): Promise<void> {
    const writing = this.#write(record, error)
    this.#writing.add(writing)
    const done = (): void => void this.#writing.delete(writing)
    writing.then(done, done)
    return writing
  }

  /** Resolves when all writes so far have succeeded or failed. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#writing)
    // Callers who wait for a write learn of it first.
    await Promise.resolve()
  }

  #write(record: AnyKafkaRecord, error: unknown): Promise<void> {
    const [signal, { clock }] = [this.#signal, this.#runtime]
    const backoffMs = backoffOf({}, this.#runtime)
    return retrying(() => this.#send(record, error), {
      clock,
      signal,
      next(failure, attempt) {
        const isRefused = KafkaError.is(failure) && !failure.retriable
        return attempt === mostAttempts || isRefused || signal.aborted ? undefined : backoffMs(attempt, failure)
      },
    })
  }

  async #send(record: AnyKafkaRecord, error: unknown): Promise<void> {
    const { clock } = this.#runtime
    const headers = deadLetterHeaders(record, error)
    const records = oneRecordBatch({ timestamp: clock.now(), key: record.rawKey, value: record.rawValue, headers })
    const partition = record.partition % (this.#partitionCount ??= await this.#countPartitions())
    const topics = [{ topic: this.#topic, partitions: [{ partition, records }] }]
    const request = { transactionalId: null, acks: -1, timeoutMs: 30_000, topics }
    const response = await this.#transport.send(produce, request, { signal: this.#signal })
    const refusal = refusalOf({ topic: this.#topic, partition }, response.topics[0]?.partitions[0])
    if (refusal) throw refusal
  }

  async #countPartitions(): Promise<number> {
    const limits = { runtime: this.#runtime, timeoutMs: lookUpTimeoutMs, signal: this.#signal }
    const [found] = await lookUpTopics(this.#transport, [this.#topic], { ...limits, allowAutoTopicCreation: true })
    return found?.partitions.length ?? 1
  }
}
