import { KafkaError, type Transport } from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import { makeInternalTopics } from './make-internal-topics.ts'
import type { Plan, PlannedRepartition } from './plan.ts'

export interface DeletedRepartitionsParts {
  readonly transport: Transport
  /** Gives the current plan. */
  readonly present: () => Plan
  readonly settings: Pick<StreamsSettings, 'replicationFactor'>
  /** Called when a topic was replaced by another one. */
  readonly onLost: (error: KafkaError) => void
}

/** Makes deleted repartition topics again while the application runs, and reports what was lost. */
export class DeletedRepartitions {
  readonly #parts: DeletedRepartitionsParts
  /** The topics being made. */
  readonly #making = new Map<string, Promise<void>>()
  /** The ids seen of each topic: brokers may report the previous id for a while. */
  readonly #ids = new Map<string, Set<string>>()

  constructor(parts: DeletedRepartitionsParts) {
    this.#parts = parts
  }

  /**
   * Makes the repartition topics among them, with their former partitions. Leaves other topics alone, and those that
   * wait for a pattern to match.
   *
   * @returns whether there was any
   * @throws the error that prevents it
   */
  async makeAgain(topics: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
    if (topics.length === 0) return false
    const { repartitions } = this.#parts.present()
    const gone = repartitions.filter(({ topic, partitions }) => partitions > 0 && topics.includes(topic))
    const made = Promise.all(gone.map((one) => this.#make(one)))
    await (signal ? orAborted(made, signal) : made)
    return gone.length > 0
  }

  /** Registers existing topics. */
  note(
    topics: readonly {
      readonly topic: string
      readonly topicId: string | null
      readonly partitions: readonly unknown[]
    }[],
  ): void {
    const { repartitions } = this.#parts.present()
    const withRecords = new Set(repartitions.filter(({ isForTasks }) => !isForTasks).map(({ topic }) => topic))
    for (const { topic, topicId, partitions } of topics) {
      if (topicId === null || !withRecords.has(topic)) continue
      const seen = this.#ids.get(topic)
      if (seen?.has(topicId)) continue
      if (seen) {
        seen.add(topicId)
        this.#parts.onLost(lost(topic, partitions.length))
      } else this.#ids.set(topic, new Set([topicId]))
    }
  }

  #make(repartition: PlannedRepartition): Promise<void> {
    const { topic } = repartition
    const { transport, present, settings } = this.#parts
    const missing = { ...present(), stores: [], repartitions: [repartition] }
    const making =
      this.#making.get(topic) ??
      makeInternalTopics(transport, missing, new Map(), settings).finally(() => this.#making.delete(topic))
    this.#making.set(topic, making)
    return making
  }
}

function lost(topic: string, partitions: number): KafkaError {
  return new KafkaError(
    `repartition topic '${topic}' was deleted while the application runs, and was made again with ${partitions} ` +
      'partitions: the application continues, but the unprocessed records of the topic are lost. Only the ' +
      'application may delete its internal topics; to build its results again, give it another name',
    { code: 'REPARTITION_TOPIC_DELETED', retriable: false, outcome: 'unknown' },
  )
}
