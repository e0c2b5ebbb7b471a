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
 * Reads records, as a member of a consumer group or on its own. Made by `createConsumer`.
 *
 * `for await` over it joins the group, and never ends by itself. A record counts as processed when the loop asks for
 * the next one. Leaving the loop leaves the group at once; a new iteration joins again and continues after the
 * committed offsets.
 *
 * Several loops at a time, also of `take`, `batches` and `parallel`, share the records: each record goes to one of
 * them. The last one to end leaves the group. What another has left unprocessed goes to those that still read; records
 * of its partition that they have read already may then come again.
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

  /** The group; undefined when the consumer reads on its own. */
  get group(): string | undefined {
    return this.#settings.group
  }

  /** The topics that it reads by name. */
  get topics(): readonly string[] {
    return this.#subscription.names
  }

  /**
   * The next record. It counts as processed when you call `next()` again or commit it. `close()` does not count it, so
   * a crash or an end in the middle of it repeats it. Make one call at a time, or nobody could tell which record the
   * next call finishes; {@link parallel} processes many records at once.
   *
   * @throws DisconnectedError when the consumer is closed meanwhile, InvalidRequestError while another call waits, and
   *   any error that makes reading impossible
   */
  async next(): Promise<KafkaRecord<V, K>> {
    if (this.#isNextAwaited) throw overlapping()
    const session = this.#stays.join()
    // A record from before the consumer left the group does not count as processed when it asks again after rejoining.
    if (this.#inHand && this.#inHandOf === session) session.work.finish(this.#inHand)
    this.#inHand = undefined
    this.#inHandOf = session
    this.#isNextAwaited = true
    try {
      const record = await session.work.whileWaiting(session.feed.next())
      if (!record) throw closed()
      this.#inHand = record
      return record
    } finally {
      this.#isNextAwaited = false
    }
  }

  /**
   * Batches of records: a full one, or the records that arrived within `timeout` after the first. A batch counts as
   * processed when you ask for the next.
   */
  batches({ size, timeout }: BatchOptions): RecordStream<Batch<V, K>> {
    if (!Number.isInteger(size) || size < 1)
      throw new InvalidRequestError(`the size of a batch must be a whole number from 1 up, got ${String(size)}`)
    const timeoutMs = toMilliseconds(timeout, 'timeout')
    const { clock } = this.#settings.runtime
    return new RecordStream(() => openSource(oneBatch(size, timeoutMs, clock), this.#join, clock))
  }

  /**
   * Runs a handler for many records at a time, in the order of their keys or partitions, or in no order. A record
   * counts as processed when its handler has resolved; commits stop at the lowest unfinished record. A rebalance and
   * `close()` wait for running handlers, so do not await `close()` in a handler.
   *
   * With `workers`, the handler is the default export of a module and runs in threads. Use them for work that keeps the
   * processor busy and would delay heartbeats and everything else in this thread.
   *
   * @returns when the consumer is closed or the signal aborts
   * @throws the error of a handler, after the others have finished, unless `onFailure` handles it; InvalidRequestError
   *   for a wrong option
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
   * Chooses the partitions by hand, before reading begins. The consumer is then not a member of the group, which only
   * stores its committed offsets. Kafka: KafkaConsumer.assign.
   *
   * @param partitions with an `offset` to begin at; without one, the committed offset counts, or else `offset` of the
   *   configuration
   * @throws InvalidRequestError when the consumer is already reading
   */
  assign(partitions: readonly (TopicPartition & { readonly offset?: number })[]): void {
    if (this.#stays.current)
      throw new InvalidRequestError('assign() has to come before reading begins; close the loop that reads first')
    requirePartitions(partitions, 'assign')
    this.#stays.chosen = partitions.map(plainPartition)
    for (const { topic, partition, offset } of partitions)
      if (offset !== undefined) this.#wishes.seek({ topic, partition, offset })
  }

  /** Listens to events of the consumer. @returns a function that stops listening */
  on<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** The present state, for a readiness probe or to find out why no records arrive. */
  health(): ConsumerHealth {
    return healthOf(this.#settings, this.#stays.last, this.#stays.isClosed)
  }

  /** Offsets for a transaction, see {@link TransactionalReader}; `commitOffsets(consumer)` asks for them. */
  offsetsForTransaction(records?: readonly AnyKafkaRecord[]): Promise<TransactionOffsets> {
    const session = this.#stays.last
    if (session && !session.hasLeft) return session.transactions.offsetsForTransaction(records)
    return Promise.reject(
      new RebalanceInProgressError('the consumer no longer reads, so it has no offsets to commit', {
        retriable: false,
      }),
    )
  }

  /**
   * Commits all processed records. With `autoCommit` this happens by itself. Waits until the dead letters of records
   * that could not be decoded are written.
   *
   * @throws KafkaError when the group refuses the commit; RebalanceInProgressError when a dead letter cannot be
   *   written, after what comes before it was committed
   */
  async commit(): Promise<void> {
    const session = this.#stays.last
    if (session && !session.hasLeft) await session.commits.commitProcessed(session.partitions)
  }

  /**
   * Stops giving out records of these partitions, or of all; the consumer stays in its group. A call before partitions
   * are assigned takes effect once they are; without a list, for the whole first assignment. A partition that is given
   * up and assigned again is no longer paused. Kafka: KafkaConsumer.pause.
   */
  pause(partitions?: readonly TopicPartition[]): void {
    this.#pause(partitions, true)
  }

  /** Continues these partitions, or all. Kafka: KafkaConsumer.resume. */
  resume(partitions?: readonly TopicPartition[]): void {
    this.#pause(partitions, false)
  }

  /**
   * Continues at another offset of a partition. A call before the partition is assigned takes effect once it is. In
   * `onAssigned` it takes effect before the first record is given out, so you can keep offsets elsewhere. After a
   * failure, go back only in partitions that have not been revoked or lost since: others may have read further in a
   * partition that came back, and the consumer continues after them by itself. Kafka: KafkaConsumer.seek.
   *
   * @throws RebalanceInProgressError when partitions are assigned and this one is not among them
   */
  seek(target: TopicPartition & { readonly offset: number }): void {
    requirePosition(target, 'seek')
    if (this.#stays.current?.hasBegun) this.#stays.current.control.seek([target])
    else this.#wishes.seek(target)
  }

  /**
   * Continues, in every partition, at the first record with at least this time. A call before partitions are assigned
   * takes effect for the first assignment.
   *
   * @throws DisconnectedError when reading ends meanwhile; no position has changed then
   */
  async seekToTimestamp(timestamp: Date | number): Promise<void> {
    requireTimestamp(timestamp, 'seekToTimestamp')
    if (this.#stays.current?.hasBegun) await this.#stays.current.control.seekTo({ timestamp })
    else this.#wishes.from = { timestamp }
  }

  /** The partitions that this member owns now; before reading begins, those that {@link assign} has chosen. */
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
   * Ends loops; waits for handlers of `parallel`, listeners, and transactions that commit its offsets; commits
   * processed records with `autoCommit`; and leaves the group. All of this takes at most `closeTimeout`, even if
   * handlers or the server hang. You may call it more than once.
   */
  async close(): Promise<void> {
    await this.#stays.close()
    // The last record keeps its whole fetch in memory.
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
 * Ends loops when they ask for the next record, ahead of {@link Consumer.close}. Records given out before can still be
 * committed, also by transactions.
 */
export function endReading(consumer: Pick<Consumer, 'close'>): void {
  Consumer.endReading(consumer)
}
