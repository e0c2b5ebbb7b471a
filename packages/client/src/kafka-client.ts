import { type Admin, createAdmin } from '@kafkado/admin'
import type { Batch, Consumer, ConsumerConfig, RecordStream, TopicSelection } from '@kafkado/consumer'
import {
  type Duration,
  InvalidRequestError,
  type RecordMetadata,
  type Runtime,
  systemRuntime,
  type TopicLike,
  type Transport,
} from '@kafkado/core'
import { createWatchedConsumer, endReading } from '@kafkado/consumer/internal'
import { isPlainObject, isTransport, showValue, yieldToEventLoop } from '@kafkado/core/internal'
import type {
  Producer,
  ProducerConfig,
  RecordOptions,
  TopicTransaction,
  Transaction,
  TransactionRunOptions,
} from '@kafkado/producer'
import { createWatchedProducer } from '@kafkado/producer/internal'
import {
  createStreamsBuilder,
  type Stream,
  type StreamsApp,
  type StreamsBuilder,
  type StreamsOptions,
  type Table,
} from '@kafkado/streams'
import { SharedProducers } from './shared-producers.ts'
import { TransactionalProducers } from './transactional-producers.ts'

/**
 * Makes a client over a transport: `http(…)` of `@kafkado/core`, `memory()` or `embedded(…)` of `@kafkado/broker`,
 * `wire(…)` of `@kafkado/wire`, or your own. The function of this name in the package `kafkado` also takes URLs.
 *
 * @param transport closed together with the client
 * @throws InvalidRequestError when the argument is not a transport
 */
export function createKafkaClient(transport: Transport): KafkaClient {
  if (isTransport(transport)) return new KafkaClient(transport)
  throw new InvalidRequestError(
    'createKafkaClient of @kafkado/client takes a transport, such as http({ url }) of @kafkado/core, ' +
      `got ${showValue(transport)}; createKafkaClient of the package kafkado takes URLs and options too`,
  )
}

export type BatchConsumerConfig = ConsumerConfig & {
  /**
   * The largest number of records in a batch. Raise it for fewer, larger batches, together with `batchTimeout`; a crash
   * repeats a whole batch.
   */
  batchSize: number
  /**
   * How long a batch waits to fill up, counted from its first record. Raise it for fuller batches; each record may then
   * wait that much longer.
   */
  batchTimeout: Duration
}

export interface TransactionOptions extends TransactionRunOptions {
  /**
   * The transactional id. When two clients use the same id, the newer one fences the older one. Default: an id that the
   * client makes up. Set it, one for each running process, when a restarted service has to abort the transactions of
   * its former process at once, before their timeout. Kafka: transactional.id.
   */
  id?: string | undefined
}

/** All of kafkado over one transport. Made by {@link createKafkaClient}; subclass it to add methods. */
export class KafkaClient implements AsyncDisposable {
  /** Topics and groups. */
  readonly admin: Admin
  readonly #transport: Transport
  readonly #runtime: Runtime
  readonly #transactions: TransactionalProducers
  readonly #shared = new SharedProducers((topic) => this.producer(topic))
  /** Consumers that are reading. A caller who makes one per request and leaves its loop does not have to close it. */
  readonly #consumers = new Set<Pick<Consumer, 'close'>>()
  readonly #applications = new Set<StreamsApp>()
  readonly #producers = new Set<{ close(): Promise<void> }>()
  #closing: Promise<void> | undefined

  /**
   * @param transport closed together with the client
   * @param runtime clock and randomness, for tests
   */
  constructor(transport: Transport, runtime: Runtime = transport.runtime ?? systemRuntime) {
    this.#transport = transport
    this.#runtime = runtime
    this.#transactions = new TransactionalProducers(transport, runtime)
    this.admin = createAdmin(transport)
  }

  /**
   * Sends one record. All calls for a topic share one producer, so sends that you do not await travel in batches.
   *
   * @throws as {@link Producer.send} does
   */
  produce<V, K = string>(topic: TopicLike<V, K>, value: V | null, options?: RecordOptions<K>): Promise<RecordMetadata> {
    try {
      // Return this very promise. If a wrapper around it rejected, nobody would know that close() was awaited.
      return this.#shared.of(topic).send(value, options)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** Makes a producer for one topic. The client closes it, unless you did before. */
  producer<V = unknown, K = string>(topic: TopicLike<V, K>, config: ProducerConfig = {}): Producer<V, K> {
    const onClosed = (): void => void this.#producers.delete(producer)
    const producer = createWatchedProducer(this.#transport, topic, this.#configured(config), onClosed)
    this.#producers.add(producer)
    return producer
  }

  /** Makes a consumer of one or more topics. The client closes it, unless you did before. */
  consumer<V = unknown, K = string>(
    topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[],
    config: ConsumerConfig = {},
  ): Consumer<V, K> {
    const onReading = (isReading: boolean): void => {
      if (isReading) this.#consumers.add(consumer)
      else this.#consumers.delete(consumer)
    }
    const isOver = (): boolean => this.#closing !== undefined
    const consumer = createWatchedConsumer(this.#transport, topics, this.#configured(config), { onReading, isOver })
    return consumer
  }

  /** The same as {@link consumer}. */
  consume<V = unknown, K = string>(
    topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[],
    config: ConsumerConfig = {},
  ): Consumer<V, K> {
    return this.consumer(topics, config)
  }

  /** Reads batches: a full one, or the records that arrived within `batchTimeout` after the first. */
  consumeBatch<V = unknown, K = string>(
    topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[],
    config: BatchConsumerConfig,
  ): RecordStream<Batch<V, K>> {
    const { batchSize, batchTimeout, ...rest } = config
    return this.consumer<V, K>(topics, rest).batches({ size: batchSize, timeout: batchTimeout })
  }

  /**
   * Runs the body in a transaction. Commits what the body sent when it resolves; aborts and rethrows when it throws.
   * Transactions without an `id` run side by side; transactions with the same `id` run one after the other.
   *
   * @param topic the only topic to write to, by `tx.send(value)`; without it, `tx.send(topic, value)` writes to any
   *   topic
   * @returns what the body returns
   * @throws as {@link TransactionalProducer.transaction} does
   */
  transaction<T>(body: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  transaction<V, T, K = string>(
    topic: TopicLike<V, K>,
    body: (tx: TopicTransaction<V, K>) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>
  transaction<V, T, K>(
    first: TopicLike<V, K> | ((tx: Transaction) => Promise<T>),
    second?: TransactionOptions | ((tx: TopicTransaction<V, K>) => Promise<T>),
    third?: TransactionOptions,
  ): Promise<T> {
    if (typeof first === 'function') {
      const [id, options] = withoutId(second as TransactionOptions | undefined)
      return this.#transactions.use(id, (producer) => producer.transaction(first, options))
    }
    const body = second as (tx: TopicTransaction<V, K>) => Promise<T>
    const [id, options] = withoutId(third)
    return this.#transactions.use(id, (producer) => producer.transaction(first, body, options))
  }

  /**
   * The records of a topic, or of several topics as one stream, selected by name or pattern. Chain filters, joins and
   * aggregations to describe a topology; `start()` runs it.
   *
   * ```ts
   * const large = kafka.stream<Order>('orders').filter((o) => o.amount > 100).to('large')
   * const app = await large.start({ application: 'large-orders' })
   * ```
   */
  stream<V = unknown, K = string>(topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[]): Stream<K | null, V> {
    return this.streams().stream(topics)
  }

  /** The last value of each key of a topic; see {@link stream}. */
  table<V = unknown, K = string>(topic: TopicLike<V, K>): Table<K, V> {
    return this.streams().table(topic)
  }

  /**
   * Makes a builder for topologies with several sources. The client closes the applications that it starts, unless you
   * did before.
   */
  streams(options: StreamsOptions = {}): StreamsBuilder {
    return createStreamsBuilder(this.#transport, this.#configured(options), (app) => {
      this.#applications.add(app)
      if (this.#closing) void app.close()
      app.on('state', ({ state }) => {
        if (state === 'closed' || state === 'failed') this.#applications.delete(app)
      })
    })
  }

  /**
   * Closes everything that the client made, in this order. Loops over consumers end with the current record, and
   * transactions that it began end. Applications and consumers commit and leave their groups. Producers deliver the
   * records sent so far. The transport is closed. However silent the server is, each of these three takes at most its
   * `closeTimeout`, 30 s by default; calls under way that have not ended by then reject.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    // The consumers stay in their groups: a running transaction commits its offsets as a member.
    for (const consumer of this.#consumers) endReading(consumer)
    // A loop that just received a record begins its transaction now.
    await yieldToEventLoop()
    await this.#transactions.close()
    await Promise.all([...this.#consumers, ...this.#applications].map((reader) => reader.close()))
    await Promise.all([...this.#producers].map((producer) => producer.close()))
    await this.#transport.close()
  }

  /**
   * Adds the client's runtime to a configuration without one. Anything that is not an object passes unchanged, and its
   * receiver refuses it.
   */
  #configured<T extends { runtime?: Runtime | undefined }>(config: T): T {
    return isPlainObject(config) ? { runtime: this.#runtime, ...config } : config
  }
}

/** Anything that is not an object passes unchanged, and the producer refuses it. */
function withoutId(
  given: TransactionOptions | undefined,
): [id: string | undefined, rest: TransactionRunOptions | undefined] {
  if (!isPlainObject(given)) return [undefined, given]
  const { id, ...rest } = given as TransactionOptions
  return [id, rest]
}
