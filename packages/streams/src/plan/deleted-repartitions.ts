import { KafkaError, type Transport } from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'
import type { StreamsSettings } from '../settings/streams-options.ts'
import { makeInternalTopics } from './make-internal-topics.ts'
import type { Plan, PlannedRepartition } from './plan.ts'

export interface DeletedRepartitionsParts {
  readonly transport: Transport
  /** Gives the plan as it is now. */
  readonly present: () => Plan
  readonly settings: Pick<StreamsSettings, 'replicationFactor'>
  /** Told when one is another topic than before. */
  readonly onLost: (error: KafkaError) => void
}

/** Makes repartition topics again that are deleted while the application runs, and tells what that has cost. */
export class DeletedRepartitions {
  readonly #parts: DeletedRepartitionsParts
  /** Those that are being made. */
  readonly #making = new Map<string, Promise<void>>()
  /** Under which ids each was seen: brokers may tell of the one before for a while. */
  readonly #ids = new Map<string, Set<string>>()

  constructor(parts: DeletedRepartitionsParts) {
    this.#parts = parts
  }

  /**
   * Makes those that are repartition topics, with the partitions that they had. Others are left alone, also those that
   * wait for a pattern to match.
   *
   * @returns whether there was any
   * @throws what keeps one from being made
   */
  async makeAgain(topics: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
    if (topics.length === 0) return false
    const { repartitions } = this.#parts.present()
    const gone = repartitions.filter(({ topic, partitions }) => partitions > 0 && topics.includes(topic))
    const made = Promise.all(gone.map((one) => this.#make(one)))
    await (signal ? orAborted(made, signal) : made)
    return gone.length > 0
  }

  /** Takes note of topics that are there. */
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
      this.#ids.set(topic, new Set([...(seen ?? []), topicId]))
      if (seen) this.#parts.onLost(lost(topic, partitions.length))
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
    `repartition topic '${topic}' was deleted while the application runs, and is there again with ${partitions} ` +
      'partitions: the application goes on, but what was written to it and not processed yet is lost. Only the ' +
      'application may delete its internal topics; to build its results again, give it another name',
    { code: 'REPARTITION_TOPIC_DELETED', retriable: false, outcome: 'unknown' },
  )
}
