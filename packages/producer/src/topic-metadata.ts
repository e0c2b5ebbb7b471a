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
  #loadedMs = 0
  #loading: Promise<number> | undefined

  constructor(transport: Transport, topic: string, runtime: Runtime, retryBackoffMs: number) {
    this.#transport = transport
    this.#topic = topic
    this.#runtime = runtime
    this.#retryBackoffMs = retryBackoffMs
  }

  /** What is known now, or undefined when it must be asked for. */
  get partitionCount(): number | undefined {
    return this.#runtime.clock.now() - this.#loadedMs < maxAgeMs ? this.#partitionCount : undefined
  }

  /** Asks again before the next record, because an answer did not fit what is known. */
  invalidate(): void {
    this.#partitionCount = undefined
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
        this.#loadedMs = this.#runtime.clock.now()
        return found.partitions.length
      }
      const error = errorCodeOf(errorCode)
      const isUnknown = error.name === 'UNKNOWN_TOPIC_OR_PARTITION'
      if (!error.retriable || attempt === attempts) {
        throw isUnknown
          ? new TopicNotFoundError(
              `topic '${this.#topic}' does not exist, and the server does not create topics on first use; create it with admin.createTopic()`,
            )
          : errorOfCode(errorCode, { topic: this.#topic, detail: found?.errorMessage })
      }
      await sleep(this.#runtime.clock, this.#retryBackoffMs * attempt, signal)
    }
  }
}
