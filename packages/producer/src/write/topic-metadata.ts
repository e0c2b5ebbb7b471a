import type { KafkaError, Transport } from '@kafkado/core'
import { lookUpTopics, sleep } from '@kafkado/core/internal'
import type { ProducerSettings } from '../settings/producer-config.ts'

/** Kafka: metadata.max.age.ms. Partitions that nobody names are found after this time at the latest. */
const maxAgeMs = 5 * 60_000

export interface TopicMetadataEvents {
  /** Told in the same turn in which the number is known, so that no record is sent in between. */
  onKnown(partitionCount: number): void
  onFailed(error: unknown): void
  /** An attempt has failed, and another one may follow. */
  onProblem(reason: KafkaError): void
}

/** How many partitions the topic has, looked up once for all who wait. */
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

  /** What was last known; undefined before the first answer. */
  get partitionCount(): number | undefined {
    return this.#partitionCount
  }

  /** How many look-ups have begun. */
  get lookUps(): number {
    return this.#lookUps
  }

  /** Looks again with the next record, because an answer did not fit what is known. */
  invalidate(): void {
    this.#refreshAtMs = 0
  }

  /**
   * What was last known, for a record that is sent now. When that is old it is looked up again beside: records go on
   * with what is known, as they would be sent again anyway while the server cannot be reached.
   */
  current(nowMs: number): number | undefined {
    if (this.#partitionCount !== undefined && nowMs >= this.#refreshAtMs) this.lookUp()
    return this.#partitionCount
  }

  /** Begins a look-up, unless one is under way; soon after another one, it waits for `retryBackoffMs`. */
  lookUp(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    // How it went the events tell.
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
      this.#events.onKnown(this.#partitionCount)
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
