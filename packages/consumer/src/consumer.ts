import {
  DisconnectedError,
  InvalidRequestError,
  type KafkaRecord,
  type Runtime,
  type TopicDefinition,
  type TopicLike,
  type Transport,
} from '@kafkado/core'
import { toMilliseconds, topicDefinitionOf } from '@kafkado/core/internal'
import { Batch, type BatchOptions } from './batches.ts'
import { type ConsumerConfig, type ConsumerSettings, consumerSettings, type TopicPartition } from './consumer-config.ts'
import { ConsumerSession } from './consumer-session.ts'
import { type ItemSource, RecordStream } from './record-stream.ts'

export interface PartitionLag extends TopicPartition {
  /** How many records lie between the position and the end; undefined before the first fetch. */
  readonly lag: number | undefined
}

/**
 * Makes a consumer of one topic or of several, as a member of a group. Nothing is sent before it is read from.
 *
 * @param transport carries out the requests; it stays open when the consumer is closed
 * @throws InvalidRequestError when a topic name or an option is not valid
 */
export function createConsumer<V = unknown, K = string>(
  transport: Transport,
  topics: TopicLike<V, K> | readonly TopicLike<V, K>[],
  config: ConsumerConfig,
): Consumer<V, K> {
  const list = (Array.isArray(topics) ? topics : [topics]) as readonly TopicLike<V, K>[]
  if (list.length === 0) throw new InvalidRequestError('a consumer needs at least one topic')
  const definitions = list.map((topic) => topicDefinitionOf<V, K>(topic))
  return new Consumer(
    transport,
    new Map(definitions.map((definition) => [definition.name, definition])),
    consumerSettings(config),
  )
}

/**
 * Reads records as a member of a consumer group. Made by {@link createConsumer}.
 *
 * `for await` over it joins the group and never ends by itself. A record counts as processed when the loop asks for the next one.
 * Leaving the loop leaves the group at once; iterating again joins again and goes on after what was committed.
 */
export class Consumer<V = unknown, K = string> extends RecordStream<KafkaRecord<V, K>> implements AsyncDisposable {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #definitions: ReadonlyMap<string, TopicDefinition<V, K>>
  #session: ConsumerSession<V, K> | undefined
  #inHand: KafkaRecord<V, K> | undefined
  #isClosed = false

  /** @internal use {@link createConsumer} */
  constructor(
    transport: Transport,
    definitions: ReadonlyMap<string, TopicDefinition<V, K>>,
    settings: ConsumerSettings,
  ) {
    super(() => this.#openLoop())
    this.#transport = transport
    this.#definitions = definitions
    this.#settings = settings
  }

  /** The group it is a member of. */
  get group(): string {
    return this.#settings.group
  }

  /** The topics that it reads. */
  get topics(): readonly string[] {
    return [...this.#definitions.keys()]
  }

  /**
   * The next record. It counts as processed when `next()` is called again or it is committed; not by `close()`, so that a crash or an end in the
   * middle of it repeats it.
   *
   * @throws DisconnectedError when the consumer is closed meanwhile, and whatever makes reading impossible
   */
  async next(): Promise<KafkaRecord<V, K>> {
    const session = this.#joined()
    if (this.#inHand) session.finish(this.#inHand)
    this.#inHand = undefined
    const record = await session.next()
    if (!record) throw closed()
    this.#inHand = record
    return record
  }

  /** Batches of records: full ones, or what has come `timeout` after the first. A batch counts as processed when the next is asked for. */
  batches({ size, timeout }: BatchOptions): RecordStream<Batch<V, K>> {
    if (!Number.isInteger(size) || size < 1)
      throw new InvalidRequestError(`the size of a batch must be a whole number from 1 up, got ${String(size)}`)
    const timeoutMs = toMilliseconds(timeout, 'timeout')
    return new RecordStream(() => this.#openBatches(size, timeoutMs))
  }

  /** Commits everything that has been processed. With `autoCommit` that happens by itself. */
  async commit(): Promise<void> {
    await this.#session?.commit()
  }

  /** Stops giving out records of these partitions, or of all; membership goes on. */
  pause(partitions: readonly TopicPartition[] = this.assignment()): void {
    this.#session?.pause(partitions, true)
  }

  resume(partitions: readonly TopicPartition[] = this.assignment()): void {
    this.#session?.pause(partitions, false)
  }

  /**
   * Goes on at another offset of a partition that is assigned now.
   *
   * @throws RebalanceInProgressError when it is not assigned
   */
  seek(target: TopicPartition & { readonly offset: number }): void {
    this.#joined().seek([target])
  }

  /** Goes on, in every partition assigned now, at the first record of at least that time. */
  async seekToTimestamp(timestamp: Date | number): Promise<void> {
    await this.#joined().seekTo({ timestamp })
  }

  /** The partitions that this member owns now. */
  assignment(): TopicPartition[] {
    return this.#session?.partitions.map(({ topic, partition }) => ({ topic, partition })) ?? []
  }

  /** How far each partition is behind, as of the last fetch. */
  lag(): PartitionLag[] {
    const partitions = this.#session?.partitions ?? []
    return partitions.map(({ topic, partition, position, highWatermark }) => {
      const lag =
        highWatermark === undefined || position === undefined ? undefined : Math.max(highWatermark - position, 0)
      return { topic, partition, lag }
    })
  }

  /** Ends loops, commits what was processed where that is automatic, and leaves the group. May be called more than once. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#session?.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #runtime(): Runtime {
    return this.#settings.runtime
  }

  #joined(): ConsumerSession<V, K> {
    if (this.#isClosed) throw closed()
    if (!this.#session || this.#session.isStopping) {
      this.#inHand = undefined
      this.#session = new ConsumerSession(this.#transport, this.#settings, this.#definitions)
      this.#session.start()
    }
    return this.#session
  }

  #openLoop(): ItemSource<KafkaRecord<V, K>> {
    return this.#openSource(
      async (session) => {
        const record = await session.next()
        return record && { item: record }
      },
      (session, record) => session.finish(record),
    )
  }

  #openBatches(size: number, timeoutMs: number): ItemSource<Batch<V, K>> {
    const collect = async (session: ConsumerSession<V, K>): Promise<{ item: Batch<V, K> } | undefined> => {
      const first = await session.next()
      if (!first) return undefined
      const records = [first]
      const deadline = new AbortController()
      const timer = this.#runtime.clock.schedule(timeoutMs, () => deadline.abort())
      try {
        while (records.length < size) {
          const record = session.poll() ?? (await session.next(deadline.signal))
          if (!record) break
          records.push(record)
        }
      } finally {
        timer.cancel()
      }
      return { item: new Batch(records) }
    }
    return this.#openSource(collect, (session, batch) => batch.records.forEach((record) => session.finish(record)))
  }

  /** A source over the session that is there when it is first asked, and which ends with it. */
  #openSource<T>(
    take: (session: ConsumerSession<V, K>) => Promise<{ item: T } | undefined>,
    processed: (session: ConsumerSession<V, K>, item: T) => void,
  ): ItemSource<T> {
    let session: ConsumerSession<V, K> | undefined
    let inHand: { item: T } | undefined
    let isEnded = false
    const finish = (): void => {
      if (session && inHand) processed(session, inHand.item)
      inHand = undefined
    }
    const end = async (): Promise<void> => {
      if (isEnded) return
      isEnded = true
      if (session) session.loops--
      await session?.stop()
    }
    const next = async (): Promise<{ item: T } | undefined> => {
      if (isEnded || (this.#isClosed && !session)) return undefined
      if (!session) {
        session = this.#joined()
        session.loops++
      }
      finish()
      try {
        inHand = await take(session)
      } catch (error) {
        await end()
        throw error
      }
      if (!inHand) await end()
      return inHand
    }
    return { next, finish, end }
  }
}

function closed(): DisconnectedError {
  return new DisconnectedError('the consumer is closed', { retriable: false, outcome: 'failed' })
}
