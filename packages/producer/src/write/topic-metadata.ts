import type { KafkaError, Transport } from '@kafkado/core'
import { lookUpTopics, sleep } from '@kafkado/core/internal'
import type { ProducerSettings } from '../settings/producer-config.ts'

/** Kafka: metadata.max.age.ms. The producer discovers new partitions after this time at the latest. */
const maxAgeMs = 5 * 60_000

export interface TopicMetadataEvents {
  /** Called in the same turn in which they become known, so that no record is sent in between. */
  onKnown(partitionCount: number, topicId: string | null | undefined): void
  onFailed(error: unknown): void
  /** An attempt has failed; another one may follow. */
  onProblem(reason: KafkaError): void
}

/** Looks up the number of partitions of the topic and its id, once for all waiting callers. */
export class TopicMetadata {
  readonly #transport: Transport
  readonly #topic: string
  readonly #settings: ProducerSettings
  readonly #signal: AbortSignal
  readonly #events: TopicMetadataEvents
  #partitionCount: number | undefined
  #refreshAtMs = 0
  #answeredAtMs = Number.NEGATIVE_INFINITY
  #isLooking = false
  #lookUps = 0

  constructor(
    transport: Transport,
    topic: string,
    settings: ProducerSettings,
    signal: AbortSignal,
    events: TopicMetadataEvents,
  ) {
    this.#transport = transport
    this.#topic = topic
    this.#settings = settings
    this.#signal = signal
    this.#events = events
  }

  /** The last known number; undefined before the first answer. */
  get partitionCount(): number | undefined {
    return this.#partitionCount
  }

  /** Number of look-ups begun. */
  get lookUps(): number {
    return this.#lookUps
  }

  /** The next record looks it up again, because an answer contradicts the known number. */
  invalidate(): void {
    this.#refreshAtMs = 0
  }

  /**
   * The last known number, for a record that is sent now. When an answer contradicts it, a look-up begins in the
   * background. Records meanwhile use the old number: if the server cannot be reached, they are retried anyway.
   */
  current(): number | undefined {
    if (this.#partitionCount !== undefined && this.#refreshAtMs === 0) this.lookUp()
    return this.#partitionCount
  }

  /** Begins a look-up in the background if the number is old. For each batch: a record need not read the clock. */
  refresh(nowMs: number): void {
    if (nowMs >= this.#refreshAtMs) this.lookUp()
  }

  /** Begins a look-up, unless one is running. It waits for `retryBackoffMs` after the previous one. */
  lookUp(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    // The events report the result.
    void this.#lookUp()
  }

  async #lookUp(): Promise<void> {
    const { runtime, retryBackoffMs, deliveryTimeoutMs } = this.#settings
    const { clock } = runtime
    try {
      const pauseMs = this.#answeredAtMs + retryBackoffMs - clock.monotonic()
      if (pauseMs > 0) await sleep(clock, pauseMs, this.#signal)
      this.#lookUps++
      const [found] = await lookUpTopics(this.#transport, [this.#topic], {
        runtime,
        signal: this.#signal,
        timeoutMs: deliveryTimeoutMs,
        retryBackoffMs,
        allowAutoTopicCreation: true,
        onFailed: (reason) => this.#events.onProblem(reason),
      })
      this.#partitionCount = found?.partitions.length ?? 0
      this.#end(maxAgeMs)
      this.#events.onKnown(this.#partitionCount, found?.topicId)
    } catch (error) {
      this.#end(retryBackoffMs)
      this.#events.onFailed(error)
    }
  }

  #end(isKnownForMs: number): void {
    this.#answeredAtMs = this.#settings.runtime.clock.monotonic()
    this.#refreshAtMs = this.#answeredAtMs + isKnownForMs
    this.#isLooking = false
  }
}
