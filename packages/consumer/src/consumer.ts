import {
  type AnyKafkaRecord,
  InvalidRequestError,
  type KafkaRecord,
  RebalanceInProgressError,
  type TransactionalReader,
  type TransactionOffsets,
  type Transport,
} from '@kafkado/core'
import { requireTimestamp, toMilliseconds } from '@kafkado/core/internal'
import { requirePartitions, requirePosition } from './settings/consumer-arguments.ts'
import type { ConsumerSettings } from './settings/consumer-config.ts'
import { type ConsumerEvents, ConsumerEventTarget } from './settings/consumer-events.ts'
import type { TopicSubscription } from './group/topic-subscription.ts'
import type { ParallelOptions, WorkerOptions } from './parallel/parallel.ts'
import { runParallel } from './parallel/run-parallel.ts'
import { PositionWishes } from './partition/position-wishes.ts'
import type { Batch, BatchOptions } from './read/batches.ts'
import { oneBatch, oneRecord, openSource } from './read/item-sources.ts'
import { overlapping, RecordStream } from './read/record-stream.ts'
import { type ConsumerHealth, healthOf } from './session/consumer-health.ts'
import type { ConsumerSession } from './session/consumer-session.ts'
import { closed, type ConsumerParts, ConsumerStays } from './session/consumer-stays.ts'
import { plainPartition, type TopicPartition } from './partition/topic-partition.ts'

export interface PartitionLag extends TopicPartition {
  /** How many records lie between the position and the end; undefined before the first fetch. */
  readonly lag: number | undefined
}

/**
 * Reads records as a member of a consumer group, or without a group all of them. Made by `createConsumer`.
 *
 * `for await` over it joins the group and never ends by itself. A record counts as processed when the loop asks for the
 * next one. Leaving the loop leaves the group at once; iterating again joins again and goes on after what was
 * committed.
 */
export class Consumer<V = unknown, K = string>
  extends RecordStream<KafkaRecord<V, K>>
  implements AsyncDisposable, TransactionalReader
{
  readonly #settings: ConsumerSettings
  readonly #subscription: TopicSubscription<V, K>
  readonly #events: ConsumerEventTarget
  readonly #wishes = new PositionWishes()
  readonly #stays: ConsumerStays<V, K>
  #inHand: KafkaRecord<V, K> | undefined
  #inHandOf: ConsumerSession<V, K> | undefined
  #isNextAwaited = false

  /** @internal as {@link endReading} does */
  static endReading(consumer: Pick<Consumer, 'close'>): void {
    if (#stays in consumer) consumer.#stays.endReading()
  }

  /** @internal use `createConsumer` */
  constructor(
    transport: Transport,
    subscription: TopicSubscription<V, K>,
    settings: ConsumerSettings,
    parts: ConsumerParts = {},
  ) {
    super(() => openSource(oneRecord(), this.#join, settings.runtime.clock))
    this.#subscription = subscription
    this.#settings = settings
    this.#events = new ConsumerEventTarget(settings.group)
    const own = { events: this.#events, wishes: this.#wishes }
    this.#stays = new ConsumerStays({ ...parts, ...own, transport, settings, subscription })
  }

  /** The group it is a member of; undefined when it reads on its own. */
  get group(): string | undefined {
    return this.#settings.group
  }

  /** The topics that it was made for by name. */
  get topics(): readonly string[] {
    return this.#subscription.names
  }

  /**
   * The next record. It counts as processed when `next()` is called again or it is committed; not by `close()`, so that
   * a crash or an end in the middle of it repeats it. One call at a time, as nobody could tell otherwise which record
   * the next call finishes; {@link parallel} hands out many.
   *
   * @throws DisconnectedError when the consumer is closed meanwhile, InvalidRequestError while another call waits, and
   *   whatever makes reading impossible
   */
  async next(): Promise<KafkaRecord<V, K>> {
    if (this.#isNextAwaited) throw overlapping()
    const session = this.#stays.join()
    // What was given out before the consumer left is not processed by asking again after it has come back.
    if (this.#inHand && this.#inHandOf === session) session.work.finish(this.#inHand)
    this.#inHand = undefined
    this.#inHandOf = session
    this.#isNextAwaited = true
    try {
      const record = await session.feed.next()
      if (!record) throw closed()
      this.#inHand = record
      return record
    } finally {
      this.#isNextAwaited = false
    }
  }

  /**
   * Batches of records: full ones, or what has come `timeout` after the first. A batch counts as processed when the
   * next is asked for.
   */
  batches({ size, timeout }: BatchOptions): RecordStream<Batch<V, K>> {
    if (!Number.isInteger(size) || size < 1)
      throw new InvalidRequestError(`the size of a batch must be a whole number from 1 up, got ${String(size)}`)
    const timeoutMs = toMilliseconds(timeout, 'timeout')
    const { clock } = this.#settings.runtime
    return new RecordStream(() => openSource(oneBatch(size, timeoutMs, clock), this.#join, clock))
  }

  /**
   * Runs a handler for many records at a time, in the order of their keys or partitions, or in none. A record counts as
   * processed when its handler has resolved, and commits stop at the lowest one that has not. A rebalance and `close()`
   * wait for the handlers that run, so do not await `close()` in a handler.
   *
   * With `workers` the handler is the default export of a module and runs in threads: for work that needs the
   * processor, which would hold up heartbeats and everything else here.
   *
   * @returns when the consumer is closed or the signal aborts
   * @throws what a handler throws, after the others have finished, unless `onFailure` takes care of it;
   *   InvalidRequestError for a wrong option
   */
  parallel(
    options: ParallelOptions<V, K> & { concurrency: number },
    handle: (record: KafkaRecord<V, K>) => unknown,
  ): Promise<void>
  parallel(options: WorkerOptions<V, K>): Promise<void>
  async parallel(
    options: ParallelOptions<V, K> | WorkerOptions<V, K>,
    handle?: (record: KafkaRecord<V, K>) => unknown,
  ): Promise<void> {
    return runParallel(() => this.#stays.join(), options, handle)
  }

  /**
   * Chooses the partitions by hand, before reading begins: no member of the group then, which only keeps what is
   * committed. Kafka: KafkaConsumer.assign.
   *
   * @param partitions with an `offset` to begin at; without one what is committed counts, or `offset` of the
   *   configuration
   * @throws InvalidRequestError when it reads already
   */
  assign(partitions: readonly (TopicPartition & { readonly offset?: number })[]): void {
    if (this.#stays.current)
      throw new InvalidRequestError('assign() has to come before reading begins; close the loop that reads first')
    requirePartitions(partitions, 'assign')
    this.#stays.chosen = partitions.map(plainPartition)
    for (const { topic, partition, offset } of partitions)
      if (offset !== undefined) this.#wishes.seek({ topic, partition, offset })
  }

  /** Listens to what happens to it. @returns what stops listening */
  on<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** How it is: for a readiness probe, and for whoever wonders why nothing comes. */
  health(): ConsumerHealth {
    return healthOf(this.#settings, this.#stays.last, this.#stays.isClosed)
  }

  /** What a transaction commits of it, as {@link TransactionalReader} says; `commitOffsets(consumer)` asks for it. */
  offsetsForTransaction(records?: readonly AnyKafkaRecord[]): Promise<TransactionOffsets> {
    const session = this.#stays.last
    if (session && !session.hasLeft) return session.transactions.offsetsForTransaction(records)
    return Promise.reject(
      new RebalanceInProgressError('the consumer does not read any more, so there are no offsets of it to commit', {
        retriable: false,
      }),
    )
  }

  /** Commits everything that has been processed. With `autoCommit` that happens by itself. */
  async commit(): Promise<void> {
    const session = this.#stays.last
    if (session && !session.hasLeft) await session.commits.commitProcessed(session.partitions)
  }

  /**
   * Stops giving out records of these partitions, or of all; membership goes on. Before partitions are assigned it is
   * kept, and counts when these are, or for all of the first ones. A partition that is given up and comes back is not
   * paused any more. Kafka: KafkaConsumer.pause.
   */
  pause(partitions?: readonly TopicPartition[]): void {
    this.#pause(partitions, true)
  }

  /** Goes on with these partitions, or with all. Kafka: KafkaConsumer.resume. */
  resume(partitions?: readonly TopicPartition[]): void {
    this.#pause(partitions, false)
  }

  /**
   * Goes on at another offset of a partition. Before partitions are assigned it is kept, and counts when this one is.
   * In `onAssigned` it counts before the first record is given out, so offsets may be kept elsewhere. To go back after
   * a failure is for partitions that have not been revoked or lost since: others may have gone on with one that is
   * back, and it goes on behind them by itself. Kafka: KafkaConsumer.seek.
   *
   * @throws RebalanceInProgressError when partitions are assigned and this one is not among them
   */
  seek(target: TopicPartition & { readonly offset: number }): void {
    requirePosition(target, 'seek')
    if (this.#stays.current?.hasBegun) this.#stays.current.control.seek([target])
    else this.#wishes.seek(target)
  }

  /**
   * Goes on, in every partition, at the first record of at least that time. Before partitions are assigned it counts
   * for the first ones.
   *
   * @throws DisconnectedError when reading ends meanwhile; nothing is moved then
   */
  async seekToTimestamp(timestamp: Date | number): Promise<void> {
    requireTimestamp(timestamp, 'seekToTimestamp')
    if (this.#stays.current?.hasBegun) await this.#stays.current.control.seekTo({ timestamp })
    else this.#wishes.from = { timestamp }
  }

  /** The partitions that this member owns now; before reading begins those that {@link assign} has chosen. */
  assignment(): TopicPartition[] {
    const partitions = this.#stays.current?.hasBegun ? this.#stays.current.partitions : (this.#stays.chosen ?? [])
    return partitions.map(plainPartition)
  }

  /** How far each partition is behind, as of the last fetch. */
  lag(): PartitionLag[] {
    const partitions = this.#stays.last?.partitions ?? []
    return partitions.map(({ topic, partition, lag }) => ({ topic, partition, lag }))
  }

  /**
   * Ends loops, waits for handlers of `parallel`, for listeners and for transactions that commit its offsets, commits
   * what was processed where that is automatic, and leaves the group: all of it within `closeTimeout`, whatever they
   * and the server do. May be called more than once.
   */
  async close(): Promise<void> {
    await this.#stays.close()
    // What was read keeps the whole fetch in memory.
    this.#inHand = this.#inHandOf = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #pause(partitions: readonly TopicPartition[] | undefined, isPaused: boolean): void {
    if (partitions !== undefined) requirePartitions(partitions, isPaused ? 'pause' : 'resume')
    const session = this.#stays.current
    if (session?.hasBegun) session.control.pause(partitions ?? session.partitions, isPaused)
    else this.#wishes.pause(partitions, isPaused)
  }

  readonly #join = (): ConsumerSession<V, K> | undefined => (this.#stays.isOver ? undefined : this.#stays.join())
}

/**
 * Ends loops when they ask for the next record, before {@link Consumer.close}: what was given out can still be
 * committed, by transactions too.
 */
export function endReading(consumer: Pick<Consumer, 'close'>): void {
  Consumer.endReading(consumer)
}
