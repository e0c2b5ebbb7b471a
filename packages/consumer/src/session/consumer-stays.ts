import { DisconnectedError, type Transport } from '@kafkado/core'
import { CommitMode } from '../commit/commit-mode.ts'
import type { PresentCommits } from '../commit/offset-commits.ts'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { ConsumerEventTarget } from '../settings/consumer-events.ts'
import { makingMissing } from '../group/required-topics.ts'
import type { TopicSubscription } from '../group/topic-subscription.ts'
import type { PositionWishes } from '../partition/position-wishes.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'
import { ConsumerSession } from './consumer-session.ts'

/**
 * What the owner of a consumer may ask for. The owner has to keep a consumer only while it reads: an unread consumer
 * holds nothing open.
 */
export interface ConsumerParts {
  /** Called when reading begins, and when it has ended and the consumer has left the group. */
  readonly onReading?: (isReading: boolean) => void
  /** Whether reading may no longer begin. */
  readonly isOver?: () => boolean
}

interface StaysParts<V, K> extends ConsumerParts {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly subscription: TopicSubscription<V, K>
  readonly events: ConsumerEventTarget
  readonly wishes: PositionWishes
}

/** The sessions of a consumer, one after the other, and their common parts. */
export class ConsumerStays<V, K> {
  readonly #parts: StaysParts<V, K>
  readonly #mode: CommitMode
  readonly #present: PresentCommits<V, K> = { commits: undefined }
  #isClosed = false
  #last: ConsumerSession<V, K> | undefined
  /** Partitions chosen by hand. */
  chosen: readonly TopicPartition[] | undefined

  constructor(parts: StaysParts<V, K>) {
    this.#parts = parts
    this.#mode = new CommitMode(parts.settings.autoCommit)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether no session may begin any more. */
  get isOver(): boolean {
    return this.#isClosed || this.#parts.isOver?.() === true
  }

  /** The last session, which may have ended. */
  get last(): ConsumerSession<V, K> | undefined {
    return this.#last
  }

  /** The session that reads, if there is one. */
  get current(): ConsumerSession<V, K> | undefined {
    return this.#last?.isStopping ? undefined : this.#last
  }

  /** The session that reads; begins one if there is none. @throws DisconnectedError when the consumer is closed */
  join(): ConsumerSession<V, K> {
    if (this.isOver) throw closed()
    return this.current ?? this.#begin()
  }

  /** Ends loops when they ask for the next record, and prevents new ones. */
  endReading(): void {
    this.#isClosed = true
    this.#last?.endReading()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last?.stop()
  }

  #begin(): ConsumerSession<V, K> {
    const { onReading, ...shared } = this.#parts
    const session = new ConsumerSession<V, K>({
      ...shared,
      mode: this.#mode,
      present: this.#present,
      chosen: this.chosen,
      findTopics: makingMissing,
      onLeft: () => {
        if (!this.current) onReading?.(false)
      },
    })
    this.#last = session
    onReading?.(true)
    session.start()
    return session
  }
}

export function closed(): DisconnectedError {
  return new DisconnectedError('the consumer is closed', { retriable: false, outcome: 'failed' })
}
