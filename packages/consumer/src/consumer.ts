import {
  type AnyKafkaRecord,
  DisconnectedError,
  InvalidRequestError,
  type KafkaRecord,
  RebalanceInProgressError,
  type TransactionalReader,
  type TransactionOffsets,
  type Transport,
} from '@kafkado/core'
import { requireTimestamp, toMilliseconds } from '@kafkado/core/internal'
import { CommitMode } from './commit/commit-mode.ts'
import type { PresentCommits } from './commit/offset-commits.ts'
import type { Batch, BatchOptions } from './read/batches.ts'
import { requirePartitions, requirePosition } from './consumer-arguments.ts'
import type { ConsumerSettings } from './consumer-config.ts'
import { plainPartition, type TopicPartition } from './topic-partition.ts'
import { type ConsumerEvents, ConsumerEventTarget } from './consumer-events.ts'
import { type ConsumerHealth, healthOf } from './session/consumer-health.ts'
import { ConsumerSession } from './session/consumer-session.ts'
import { oneBatch, oneRecord, openSource } from './read/item-sources.ts'
import type { ParallelOptions, WorkerOptions } from './parallel/parallel.ts'
import { overlapping, RecordStream } from './read/record-stream.ts'
import { runParallel } from './parallel/run-parallel.ts'
import { PositionWishes } from './partition/position-wishes.ts'
import type { TopicSubscription } from './group/topic-subscription.ts'

/** What a consumer may get of those who close it. They need to keep it while it reads only: one that is not read from any more holds nothing open. */
export interface ConsumerParts {
  /** Called when reading begins, and when it has ended and the group is left. */
  readonly onReading?: (isReading: boolean) => void
  /** Whether reading may not begin any more. */
  readonly isOver?: () => boolean
}

export interface PartitionLag extends TopicPartition {
  /** How many records lie between the position and the end; undefined before the first fetch. */
  readonly lag: number | undefined
}

/**
 * Reads records as a member of a consumer group, or without a group all of them. Made by `createConsumer`.
 *
 * `for await` over it joins the group and never ends by itself. A record counts as processed when the loop asks for the next one.
 * Leaving the loop leaves the group at once; iterating again joins again and goes on after what was committed.
 */
export class Consumer<V = unknown, K = string>
  extends RecordStream<KafkaRecord<V, K>>
  implements AsyncDisposable, TransactionalReader
{
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #subscription: TopicSubscription<V, K>
  readonly #events: ConsumerEventTarget
  readonly #wishes = new PositionWishes()
  readonly #mode: CommitMode
  readonly #present: PresentCommits<V, K> = { commits: undefined }
  readonly #parts: ConsumerParts
  #chosen: readonly TopicPartition[] | undefined
  #session: ConsumerSession<V, K> | undefined
  #inHand: KafkaRecord<V, K> | undefined
  #isNextAwaited = false
  #isClosed = false

  /** @internal use `createConsumer` */
  constructor(
    transport: Transport,
    subscription: TopicSubscription<V, K>,
    settings: ConsumerSettings,
    parts: ConsumerParts = {},
  ) {
    super(() => openSource(oneRecord(), this.#join, settings.runtime.clock))
    this.#transport = transport
    this.#subscription = subscription
    this.#settings = settings
    this.#mode = new CommitMode(settings.autoCommit)
    this.#events = new ConsumerEventTarget(settings.group)
    this.#parts = parts
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
   * The next record. It counts as processed when `next()` is called again or it is committed; not by `close()`, so that a crash or an end in the
   * middle of it repeats it. One call at a time, as nobody could tell otherwise which record the next call finishes; {@link parallel} hands out many.
   *
   * @throws DisconnectedError when the consumer is closed meanwhile, InvalidRequestError while another call waits, and whatever makes reading impossible
   */
  async next(): Promise<KafkaRecord<V, K>> {
    if (this.#isNextAwaited) throw overlapping()
    const session = this.#joined()
    if (this.#inHand) session.work.finish(this.#inHand)
    this.#inHand = undefined
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

  /** Batches of records: full ones, or what has come `timeout` after the first. A batch counts as processed when the next is asked for. */
  batches({ size, timeout }: BatchOptions): RecordStream<Batch<V, K>> {
    if (!Number.isInteger(size) || size < 1)
      throw new InvalidRequestError(`the size of a batch must be a whole number from 1 up, got ${String(size)}`)
    const timeoutMs = toMilliseconds(timeout, 'timeout')
    const { clock } = this.#settings.runtime
    return new RecordStream(() => openSource(oneBatch(size, timeoutMs, clock), this.#join, clock))
  }

  /**
   * Runs a handler for many records at a time, in the order of their keys or partitions, or in none. A record counts as processed when its
   * handler has resolved, and commits stop at the lowest one that has not. A rebalance and `close()` wait for the handlers that run, so do
   * not await `close()` in a handler.
   *
   * With `workers` the handler is the default export of a module and runs in threads: for work that needs the processor, which would hold up
   * heartbeats and everything else here.
   *
   * @returns when the consumer is closed or the signal aborts
   * @throws what a handler throws, after the others have finished, unless `onFailure` takes care of it; InvalidRequestError for a wrong option
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
    return runParallel(() => this.#joined(), options, handle)
  }

  /**
   * Chooses the partitions by hand, before reading begins: no member of the group then, which only keeps what is committed. Kafka:
   * KafkaConsumer.assign.
   *
   * @param partitions with an `offset` to begin at; without one what is committed counts, or `offset` of the configuration
   * @throws InvalidRequestError when it reads already
   */
  assign(partitions: readonly (TopicPartition & { readonly offset?: number })[]): void {
    if (this.#current)
      throw new InvalidRequestError('assign() has to come before reading begins; close the loop that reads first')
    requirePartitions(partitions, 'assign')
    this.#chosen = partitions.map(plainPartition)
    for (const { topic, partition, offset } of partitions)
      if (offset !== undefined) this.#wishes.seek({ topic, partition, offset })
  }

  /** Listens to what happens to it. @returns what stops listening */
  on<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** How it is: for a readiness probe, and for whoever wonders why nothing comes. */
  health(): ConsumerHealth {
    return healthOf(this.#settings, this.#session, this.#isClosed)
  }

  /** @internal for a transaction; see Transaction.commitOffsets */
  offsetsForTransaction(records?: readonly AnyKafkaRecord[]): Promise<TransactionOffsets> {
    const session = this.#session
    if (session && !session.hasLeft) return session.transactions.offsetsForTransaction(records)
    return Promise.reject(
      new RebalanceInProgressError('the consumer does not read any more, so there are no offsets of it to commit', {
        retriable: false,
      }),
    )
  }

  /** Commits everything that has been processed. With `autoCommit` that happens by itself. */
  async commit(): Promise<void> {
    const session = this.#session
    if (session && !session.hasLeft) await session.commits.commitProcessed(session.partitions)
  }

  /**
   * Stops giving out records of these partitions, or of all; membership goes on. Before partitions are assigned it is kept, and counts when these are,
   * or for all of the first ones. A partition that is given up and comes back is not paused any more. Kafka: KafkaConsumer.pause.
   */
  pause(partitions?: readonly TopicPartition[]): void {
    this.#pause(partitions, true)
  }

  /** Goes on with these partitions, or with all. Kafka: KafkaConsumer.resume. */
  resume(partitions?: readonly TopicPartition[]): void {
    this.#pause(partitions, false)
  }

  /**
   * Goes on at another offset of a partition. Before partitions are assigned it is kept, and counts when this one is. In `onAssigned` it counts
   * before the first record is given out, so offsets may be kept elsewhere. To go back after a failure is for partitions that have not been revoked or
   * lost since: others may have gone on with one that is back, and it goes on behind them by itself. Kafka: KafkaConsumer.seek.
   *
   * @throws RebalanceInProgressError when partitions are assigned and this one is not among them
   */
  seek(target: TopicPartition & { readonly offset: number }): void {
    requirePosition(target, 'seek')
    if (this.#current?.hasBegun) this.#current.control.seek([target])
    else this.#wishes.seek(target)
  }

  /**
   * Goes on, in every partition, at the first record of at least that time. Before partitions are assigned it counts for the first ones.
   *
   * @throws DisconnectedError when reading ends meanwhile; nothing is moved then
   */
  async seekToTimestamp(timestamp: Date | number): Promise<void> {
    requireTimestamp(timestamp, 'seekToTimestamp')
    if (this.#current?.hasBegun) await this.#current.control.seekTo({ timestamp })
    else this.#wishes.from = { timestamp }
  }

  /** The partitions that this member owns now; before reading begins those that {@link assign} has chosen. */
  assignment(): TopicPartition[] {
    const partitions = this.#current?.hasBegun ? this.#current.partitions : (this.#chosen ?? [])
    return partitions.map(plainPartition)
  }

  /** How far each partition is behind, as of the last fetch. */
  lag(): PartitionLag[] {
    const partitions = this.#session?.partitions ?? []
    return partitions.map(({ topic, partition, lag }) => ({ topic, partition, lag }))
  }

  /** @internal loops end when they ask for the next record, and what was given out can still be committed: before {@link close} */
  endReading(): void {
    this.#isClosed = true
    this.#session?.endReading()
  }

  /**
   * Ends loops, waits for handlers of `parallel`, for listeners and for transactions that commit its offsets, commits what was processed where that is
   * automatic, and leaves the group: all of it within `closeTimeout`, whatever they and the server do. May be called more than once.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#session?.stop()
    // What was read keeps the whole fetch in memory.
    this.#inHand = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #pause(partitions: readonly TopicPartition[] | undefined, isPaused: boolean): void {
    if (partitions !== undefined) requirePartitions(partitions, isPaused ? 'pause' : 'resume')
    const session = this.#current
    if (session?.hasBegun) session.control.pause(partitions ?? session.partitions, isPaused)
    else this.#wishes.pause(partitions, isPaused)
  }

  /** The session that reads, if one does. */
  get #current(): ConsumerSession<V, K> | undefined {
    return this.#session?.isStopping ? undefined : this.#session
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#parts.isOver?.() === true
  }

  readonly #join = (): ConsumerSession<V, K> | undefined => (this.#isOver ? undefined : this.#joined())

  #joined(): ConsumerSession<V, K> {
    if (this.#isOver) throw closed()
    if (!this.#session || this.#session.isStopping) {
      this.#inHand = undefined
      this.#session = new ConsumerSession({
        transport: this.#transport,
        settings: this.#settings,
        subscription: this.#subscription,
        events: this.#events,
        wishes: this.#wishes,
        mode: this.#mode,
        present: this.#present,
        chosen: this.#chosen,
        onLeft: () => {
          if (!this.#current) this.#parts.onReading?.(false)
        },
      })
      this.#parts.onReading?.(true)
      this.#session.start()
    }
    return this.#session
  }
}

function closed(): DisconnectedError {
  return new DisconnectedError('the consumer is closed', { retriable: false, outcome: 'failed' })
}
