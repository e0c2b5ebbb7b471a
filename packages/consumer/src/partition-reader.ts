import type { KafkaRecord, TopicSelection, TransactionOffsets, Transport } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import { CommitMode } from './commit/commit-mode.ts'
import { type ConsumerConfig, consumerSettings } from './settings/consumer-config.ts'
import { type ConsumerEvents, ConsumerEventTarget } from './settings/consumer-events.ts'
import { awaitingMissing } from './group/awaited-topics.ts'
import { DerivedMembership, type DerivedPartitions } from './group/derived-membership.ts'
import { refusingMissing } from './group/required-topics.ts'
import { TopicSubscription } from './group/topic-subscription.ts'
import { PositionWishes } from './partition/position-wishes.ts'
import { ConsumerSession } from './session/consumer-session.ts'
import { type OffsetToCommit, plainPartition, type TopicPartition } from './partition/topic-partition.ts'

type State = ConsumerSession<unknown, unknown>['partitions'][number]

/** The fetched records of one partition. */
export interface PolledPartition extends TopicPartition {
  readonly records: KafkaRecord<unknown, unknown>[]
}

export interface ReaderOptions {
  /** Reads only these partitions, from these offsets, without a group. */
  readonly chosen?: readonly OffsetToCommit[]
  /** The partitions to read in place of those that the group assigned. Default: the assigned ones. */
  readonly derived?: DerivedPartitions
}

/**
 * Reads whole partitions for streams, which decide by themselves what counts as processed and when to commit it. Reads
 * as a member of a group, or on its own: all partitions of the topics, or chosen ones. It never creates a topic: topics
 * that are read together depend on their number of partitions.
 */
export class PartitionReader {
  readonly #session: ConsumerSession<unknown, unknown>
  readonly #events: ConsumerEventTarget
  /** The partitions by name, since the last change of the assignment. */
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
      findTopics: settings.group === undefined || chosen ? refusingMissing : awaitingMissing,
      around: derived && ((group) => new DerivedMembership({ group, derived, runtime: settings.runtime })),
    })
  }

  start(): void {
    this.#session.start()
  }

  /**
   * The new records of the wanted partitions; each record is given out once. @throws the error that makes reading
   * impossible
   */
  poll(isWanted: (partition: TopicPartition) => boolean): PolledPartition[] {
    return this.#session.feed
      .takePartitions(isWanted)
      .map(({ state: { topic, partition }, records }) => ({ topic, partition, records }))
  }

  /** Resolves when records may have arrived. */
  arrival(deadline: AbortSignal): Promise<void> {
    return this.#session.arrivals.next(deadline)
  }

  /** Makes the caller who waits for records look again. */
  wake(): void {
    this.#session.arrivals.wake()
  }

  /** Whether all records of the partition were polled, as far as the last fetch could tell. */
  isCaughtUp(partition: TopicPartition): boolean {
    const state = this.#find(partition)
    return state !== undefined && state.fetches > 0 && state.buffered === 0 && state.lag === 0
  }

  /**
   * How many records of the partition are still to be polled, as far as the last fetch could tell; undefined before it.
   * Records of transactions count together with their markers.
   */
  lag(partition: TopicPartition): number | undefined {
    return this.#find(partition)?.lag
  }

  /** The offset of the next record to poll, past any markers. */
  position(partition: TopicPartition): number | undefined {
    return this.#find(partition)?.position
  }

  pause(partitions: readonly TopicPartition[], isPaused: boolean): void {
    this.#session.control.pause(partitions, isPaused)
  }

  /**
   * Commits offsets, except those of deleted topics. `onRevoked` has to wait for it.
   *
   * @throws MemberFencedError when the group continued without this member, or when a partition was given up meanwhile
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    return this.#session.commits.commitExactly(offsets)
  }

  /** Offsets for a transaction to commit. */
  transactionOf(offsets: readonly OffsetToCommit[]): TransactionOffsets {
    return this.#session.transactions.exactly(offsets)
  }

  on<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** Leaves the group. Never rejects. */
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
