import { errorCodeOf, metadata, type Runtime, TopicNotFoundError, type Transport } from '@kafkado/core'
import { errorOfCode, sleep } from '@kafkado/core/internal'

/** Kafka: metadata.max.age.ms. New partitions are found after this time at the latest. */
const maxAgeMs = 5 * 60_000
/** A topic that was just made may not be known everywhere at once. */
const attempts = 5

/** How many partitions the topic has, asked once for all who wait. */
export class TopicMetadata {
  readonly #transport: Transport
  readonly #topic: string
  readonly #runtime: Runtime
  readonly #retryBackoffMs: number
  #partitionCount: number | undefined
  #refreshAtMs = 0
  #loading: Promise<number> | undefined

  constructor(transport: Transport, topic: string, runtime: Runtime, retryBackoffMs: number) {
    this.#transport = transport
    this.#topic = topic
    this.#runtime = runtime
    this.#retryBackoffMs = retryBackoffMs
  }

  /** What was last known; undefined before the first answer. */
  get partitionCount(): number | undefined {
    return this.#partitionCount
  }

  /** Asks again with the next record, because an answer did not fit what is known. */
  invalidate(): void {
    this.#refreshAtMs = 0
  }

  /**
   * What was last known, for a record that is sent now. When that is old it is asked for again beside: records go on with what is known,
   * as they would be sent again anyway while the server cannot be reached.
   */
  current(signal: AbortSignal): number | undefined {
    const nowMs = this.#runtime.clock.now()
    if (this.#partitionCount !== undefined && nowMs >= this.#refreshAtMs) {
      this.#refreshAtMs = nowMs + this.#retryBackoffMs
      // Whatever is wrong the records themselves will tell.
      this.load(signal).catch(() => undefined)
    }
    return this.#partitionCount
  }

  /** @throws TopicNotFoundError when the topic is not there and the server does not create it */
  load(signal: AbortSignal): Promise<number> {
    this.#loading ??= this.#ask(signal).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #ask(signal: AbortSignal): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#transport.send(
        metadata,
        { topics: [this.#topic], allowAutoTopicCreation: true },
        { signal },
      )
      const found = response.topics[0]
      const errorCode = found?.errorCode ?? 3
      if (found && errorCode === 0 && found.partitions.length > 0) {
        this.#partitionCount = found.partitions.length
        this.#refreshAtMs = this.#runtime.clock.now() + maxAgeMs
        return found.partitions.length
      }
      const error = errorCodeOf(errorCode)
      const isUnknown = error.name === 'UNKNOWN_TOPIC_OR_PARTITION'
      if (!error.retriable || attempt === attempts) {
        throw isUnknown
          ? new TopicNotFoundError(`topic '${this.#topic}' does not exist; admin.createTopic() makes it`)
          : errorOfCode(errorCode, { topic: this.#topic, detail: found?.errorMessage })
      }
      await sleep(this.#runtime.clock, this.#retryBackoffMs * attempt, signal)
    }
  }
}
