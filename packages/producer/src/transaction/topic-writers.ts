import type { KafkaError, Transport } from '@kafkado/core'
import type { ProducerSettings } from '../settings/producer-config.ts'
import type { IdentitySource } from '../send/identity-source.ts'
import { TopicWriter } from '../write/topic-writer.ts'

/** The most topics to remember from one transaction to the next. */
const mostTopics = 64

/**
 * The writers of a transactional producer, one for each topic: only one writer may number the batches of a partition.
 */
export class TopicWriters {
  readonly #transport: Transport
  readonly #settings: ProducerSettings
  readonly #identities: IdentitySource
  /** The most recently used writer is last. */
  readonly #writers = new Map<string, TopicWriter>()

  constructor(transport: Transport, settings: ProducerSettings, identities: IdentitySource) {
    this.#transport = transport
    this.#settings = settings
    this.#identities = identities
  }

  of(topic: string): TopicWriter {
    const writer = this.#writers.get(topic) ?? new TopicWriter(this.#transport, topic, this.#settings, this.#identities)
    this.#writers.delete(topic)
    this.#writers.set(topic, writer)
    return writer
  }

  /** Fails undelivered records, as their transaction is aborted. */
  giveUp(reason: KafkaError): void {
    for (const writer of this.#writers.values()) writer.giveUp(reason)
  }

  /** Between two transactions a writer needs nothing but its knowledge of the topic. */
  letGo(): void {
    for (const [topic, writer] of this.#writers) {
      if (this.#writers.size <= mostTopics) return
      this.#writers.delete(topic)
      void writer.close()
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.close()))
  }
}
