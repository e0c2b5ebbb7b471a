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
 * `wire(…)` of `@kafkado/wire`, or one of your own. The function of this name in the package `kafkado` also takes URLs.
 *
 * @param transport is closed with the client
 * @throws InvalidRequestError when it is no transport
 */
export function createKafkaClient(transport: Transport): KafkaClient {
  if (isTransport(transport)) return new KafkaClient(transport)
  throw new InvalidRequestError(
    `createKafkaClient of @kafkado/client takes a transport, such as http({ url }) of @kafkado/core, got ` +
      `${showValue(transport)}; createKafkaClient of the package kafkado takes URLs and options too`,
  )
}

export type BatchConsumerConfig = ConsumerConfig & {
  /** How many records a batch has at most. */
  batchSize: number
  /** How long to wait for a full batch after its first record. */
  batchTimeout: Duration
}

export interface TransactionOptions extends TransactionRunOptions {
  /**
   * The transactional id: of two clients that use the same one the newer fences the older, which is how a restarted
   * service shuts out what it left behind. Default: one of the client's own. Kafka: transactional.id.
   */
  id?: string | undefined
}

/** Everything over one transport. Made by {@link createKafkaClient}, or as a class of one's own with more to it. */
export class KafkaClient implements AsyncDisposable {
  /** Topics and groups. */
  readonly admin: Admin
  readonly #transport: Transport
  readonly #runtime: Runtime
  readonly #transactions: TransactionalProducers
  readonly #shared = new SharedProducers((topic) => this.producer(topic))
  /** Those that read: whoever makes one for each request and leaves its loop need not close it. */
  readonly #consumers = new Set<Pick<Consumer, 'close'>>()
  readonly #applications = new Set<StreamsApp>()
  readonly #producers = new Set<{ close(): Promise<void> }>()
  #closing: Promise<void> | undefined

  /**
   * @param transport is closed with the client
   * @param runtime time and chance, for tests
   */
  constructor(transport: Transport, runtime: Runtime = transport.runtime ?? systemRuntime) {
    this.#transport = transport
    this.#runtime = runtime
    this.#transactions = new TransactionalProducers(transport, runtime)
    this.admin = createAdmin(transport)
  }

  /**
   * Sends one record by a producer that all calls for the topic share, so that those which are not awaited go together.
   *
   * @throws as {@link Producer.send} does
   */
  produce<V, K = string>(topic: TopicLike<V, K>, value: V | null, options?: RecordOptions<K>): Promise<RecordMetadata> {
    try {
      // The promise as it is: another one around it would be rejected without anybody knowing that close() was awaited.
      return this.#shared.of(topic).send(value, options)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** A producer for one topic. It is closed with the client, if not before. */
  producer<V = unknown, K = string>(topic: TopicLike<V, K>, config: ProducerConfig = {}): Producer<V, K> {
    const onClosed = (): void => void this.#producers.delete(producer)
    const producer = createWatchedProducer(this.#transport, topic, this.#configured(config), onClosed)
    this.#producers.add(producer)
    return producer
  }

  /** A consumer of one topic or several. It is closed with the client, if not before. */
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

  /** Reads batches: full ones, or what has come `batchTimeout` after the first record. */
  consumeBatch<V = unknown, K = string>(
    topics: TopicSelection<V, K> | readonly TopicSelection<V, K>[],
    config: BatchConsumerConfig,
  ): RecordStream<Batch<V, K>> {
    const { batchSize, batchTimeout, ...rest } = config
    return this.consumer<V, K>(topics, rest).batches({ size: batchSize, timeout: batchTimeout })
  }

  /**
   * Runs the body in a transaction and commits what it sent when it resolves; when it throws, aborts and rethrows.
   * Transactions without an `id` run side by side, those of one id one after the other.
   *
   * @param topic writes only to this one, by `tx.send(value)`; without it `tx.send(topic, value)` writes to any
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
   * The records of a topic, or of several as one stream, by their names or a pattern, to be filtered, joined and
   * aggregated: what follows describes a topology, which its `start()` runs.
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
   * A builder for topologies with several sources. Applications that it starts are closed with the client, if not
   * before.
   */
  streams(options: StreamsOptions = {}): StreamsBuilder {
    return createStreamsBuilder(this.#transport, this.#configured(options), (app) => {
      this.#applications.add(app)
      app.on('state', ({ state }) => {
        if (state === 'closed' || state === 'failed') this.#applications.delete(app)
      })
    })
  }

  /**
   * Closes what it made. Loops over consumers end with the record in hand, whose transaction may run until its timeout
   * is over if it has begun; then applications and consumers commit and leave, then the producers deliver what was
   * sent, and last the transport is closed.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    // The consumers stay in their groups, as a transaction that runs commits what it has read as a member.
    for (const consumer of this.#consumers) endReading(consumer)
    // Whoever just got a record begins its transaction.
    await yieldToEventLoop()
    await this.#transactions.close()
    await Promise.all([...this.#consumers, ...this.#applications].map((reader) => reader.close()))
    await Promise.all([...this.#producers].map((producer) => producer.close()))
    await this.#transport.close()
  }

  /**
   * The client's runtime where the configuration has none. What is no configuration stays so, for the one that it is
   * for to refuse it.
   */
  #configured<T extends { runtime?: Runtime | undefined }>(config: T): T {
    return isPlainObject(config) ? { runtime: this.#runtime, ...config } : config
  }
}

/** What is no options goes on as it is, for the producer to refuse it. */
function withoutId(
  given: TransactionOptions | undefined,
): [id: string | undefined, rest: TransactionRunOptions | undefined] {
  if (!isPlainObject(given)) return [undefined, given]
  const { id, ...rest } = given as TransactionOptions
  return [id, rest]
}
