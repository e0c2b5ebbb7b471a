import type { KafkaRecord, TopicSelection, TransactionOffsets, Transport } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import { CommitMode } from './commit/commit-mode.ts'
import { type ConsumerConfig, consumerSettings } from './settings/consumer-config.ts'
import { type ConsumerEvents, ConsumerEventTarget } from './settings/consumer-events.ts'
import type { DerivedPartitions } from './group/derived-membership.ts'
import { TopicSubscription } from './group/topic-subscription.ts'
import { PositionWishes } from './partition/position-wishes.ts'
import { ConsumerSession } from './session/consumer-session.ts'
import { type OffsetToCommit, plainPartition, type TopicPartition } from './partition/topic-partition.ts'

type State = ConsumerSession<unknown, unknown>['partitions'][number]

/** What was fetched of one partition. */
export interface PolledPartition extends TopicPartition {
  readonly records: KafkaRecord<unknown, unknown>[]
}

export interface ReaderOptions {
  /** Reads these alone, from these offsets, and is no member of a group. */
  readonly chosen?: readonly OffsetToCommit[]
  /** As a member of a group: which partitions are read in place of those that were assigned. Default these. */
  readonly derived?: DerivedPartitions
}

/**
 * Reads whole partitions, for streams, which decide themselves what is processed and when it is committed: as a member
 * of a group, or by itself all partitions of the topics, or chosen ones. It never makes a topic: what is read together
 * goes by how many partitions there are.
 */
export class PartitionReader {
  readonly #session: ConsumerSession<unknown, unknown>
  readonly #events: ConsumerEventTarget
  /** The partitions by name, as of the last change of the assignment. */
  #index: ReadonlyMap<string, State> = new Map()
  #indexed: readonly State[] | undefined

  constructor(
    transport: Transport,
    topics: readonly TopicSelection<unknown, unknown>[],
    config: ConsumerConfig,
    { chosen, derived }: ReaderOptions = {},
  ) {
    const settings = consumerSettings({ ...config, autoCommit: false }, transport)
    const wishes = new PositionWishes()
    for (const target of chosen ?? []) wishes.seek(target)
    this.#events = new ConsumerEventTarget(settings.group)
    this.#session = new ConsumerSession({
      transport,
      settings,
      subscription: new TopicSubscription(topics),
      events: this.#events,
      wishes,
      mode: new CommitMode(false),
      present: { commits: undefined },
      chosen: chosen?.map(plainPartition),
      whenMissing: settings.group === undefined || chosen ? 'refused' : 'waited for',
      derived,
    })
  }

  start(): void {
    this.#session.start()
  }

  /**
   * What has come of the partitions that are wanted; records are given out once. @throws what makes reading impossible
   */
  poll(isWanted: (partition: TopicPartition) => boolean): PolledPartition[] {
    return this.#session.feed
      .takePartitions(isWanted)
      .map(({ state: { topic, partition }, records }) => ({ topic, partition, records }))
  }

  /** Resolves when something may have come. */
  arrival(deadline: AbortSignal): Promise<void> {
    return this.#session.arrivals.next(deadline)
  }

  /** Whoever waits for something to come looks again. */
  wake(): void {
    this.#session.arrivals.wake()
  }

  /** Whether everything that the partition has was polled, as far as the last fetch could tell. */
  isCaughtUp(partition: TopicPartition): boolean {
    const state = this.#find(partition)
    return state !== undefined && state.fetches > 0 && state.buffered === 0 && state.lag === 0
  }

  /**
   * How many records the partition has that were not polled, as far as the last fetch could tell; undefined before it.
   * Those of transactions count with their markers.
   */
  lag(partition: TopicPartition): number | undefined {
    return this.#find(partition)?.lag
  }

  /** The offset of the next record to poll; behind markers, too. */
  position(partition: TopicPartition): number | undefined {
    return this.#find(partition)?.position
  }

  pause(partitions: readonly TopicPartition[], isPaused: boolean): void {
    this.#session.control.pause(partitions, isPaused)
  }

  /**
   * Commits offsets, but for topics that are gone. @throws MemberFencedError when the group went on without this member
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    return this.#session.commits.commitExactly(offsets)
  }

  /** The offsets for a transaction to commit. */
  transactionOf(offsets: readonly OffsetToCommit[]): TransactionOffsets {
    return this.#session.transactions.exactly(offsets)
  }

  on<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** Leaves the group. Does not fail. */
  close(): Promise<void> {
    return this.#session.stop()
  }

  #find(partition: TopicPartition): State | undefined {
    const { partitions } = this.#session
    if (partitions !== this.#indexed) {
      this.#indexed = partitions
      this.#index = new Map(partitions.map((state) => [partitionKey(state), state]))
    }
    return this.#index.get(partitionKey(partition))
  }
}
