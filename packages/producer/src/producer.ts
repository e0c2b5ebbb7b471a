import { startTransactions } from '#platform'
import {
  DisconnectedError,
  InvalidRequestError,
  type KafkaError,
  type Message,
  MessageTooLargeError,
  type RecordMetadata,
  type TopicDefinition,
  type TopicLike,
  type Transport,
} from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import { allDelivered } from './all-delivered.ts'
import { messagesOf } from './messages-of.ts'
import { PartitionChooser } from './partitioner.ts'
import { estimatedBytes, type PreparedRecord, prepareRecord, rawBytes } from './prepared-record.ts'
import { ProducerBatch, type Waiter } from './producer-batch.ts'
import { type ProducerConfig, type ProducerSettings, producerSettings } from './producer-config.ts'
import { IdempotentIdentities, type IdentitySource } from './producer-identity.ts'
import type { ProducerMetrics } from './producer-meter.ts'
import { Sender } from './sender.ts'
import { TopicMetadata } from './topic-metadata.ts'
import type { TopicTransaction } from './transaction.ts'
import type { TransactionalProducer, TransactionRunOptions } from './transactional-producer.ts'

/** What belongs to a record besides its value. */
export type RecordOptions<K = string> = Omit<Message<unknown, K>, 'value'>

/** A batch that cannot leave yet grows to this size, where throughput is best. */
const grownBatchBytes = 256 * 1024

/**
 * Makes a producer for one topic.
 *
 * @param transport carries out the requests; it stays open when the producer is closed
 * @throws InvalidRequestError when the topic name or an option is not valid
 */
export function createProducer<V = unknown, K = string>(
  transport: Transport,
  topic: TopicLike<V, K>,
  config: ProducerConfig = {},
): Producer<V, K> {
  return new Producer(transport, topicDefinitionOf(topic), producerSettings(config))
}

interface Unrouted extends Pick<Waiter, 'resolve' | 'reject'> {
  readonly prepared: PreparedRecord
}

/** Writes records to one topic, in batches, each in the order in which it was sent. Made by {@link createProducer}. */
export class Producer<V = unknown, K = string> implements AsyncDisposable {
  readonly topic: string
  readonly #definition: TopicDefinition<V, K>
  readonly #settings: ProducerSettings
  readonly #transport: Transport
  readonly #metadata: TopicMetadata
  readonly #chooser: PartitionChooser
  readonly #sender: Sender
  /** Sends that wait for the first metadata. */
  readonly #unrouted: Unrouted[] = []
  #routing: Promise<void> | undefined
  #bufferedBytes = 0
  readonly #onRoom: (() => void)[] = []
  #transactional: Promise<TransactionalProducer> | undefined
  #closing: Promise<void> | undefined

  /** @internal use {@link createProducer} */
  constructor(
    transport: Transport,
    definition: TopicDefinition<V, K>,
    settings: ProducerSettings,
    identities?: IdentitySource,
  ) {
    this.topic = definition.name
    this.#transport = transport
    this.#definition = definition
    this.#settings = settings
    this.#metadata = new TopicMetadata(transport, definition.name, settings.runtime, settings.retryBackoffMs)
    this.#chooser = new PartitionChooser(definition.name, settings.partitioner, settings.runtime.random)
    this.#sender = new Sender(transport, definition.name, settings, identities ?? new IdempotentIdentities(transport), {
      onSent: (batch) => this.#chooser.onBatchSent(batch.partition, this.#metadata.partitionCount ?? 1),
      onStaleMetadata: () => this.#metadata.invalidate(),
    })
  }

  /**
   * Sends one record; null is a tombstone. It is buffered at once, and the promise resolves when it was delivered as `acks` asks.
   * Records sent without waiting go together in batches. With a `transactionalId` records are sent by {@link transaction} only.
   *
   * @throws SerializationError, MessageTooLargeError, TopicNotFoundError, PartitionNotFoundError, TimeoutError after
   *   `deliveryTimeout`, DisconnectedError when the producer is closed, or what the server refused it with
   */
  send(value: V | null, options: RecordOptions<K> = {}): Promise<RecordMetadata> {
    return this.#send({ ...options, value })
  }

  /**
   * Sends a value that is serialised already, past the topic's serde and schema: what was read is handed on as it was, such as to a
   * dead-letter topic.
   *
   * @throws as {@link send} does
   */
  sendRaw(value: Uint8Array | null, options: RecordOptions<K> = {}): Promise<RecordMetadata> {
    const definition = { ...this.#definition, value: rawBytes } as unknown as TopicDefinition<V, K>
    return this.#send({ ...options, value: value as V | null }, definition)
  }

  /** @internal sends with the serdes of another definition of the topic */
  sendAs(definition: TopicDefinition<V, K>, message: Message<V, K>): Promise<RecordMetadata> {
    return this.#send(message, definition)
  }

  /**
   * Sends many records, given as values or as messages. They are taken for messages when every one is an object that has `value` and
   * nothing but what a message may have; a topic whose values look like that is sent as messages.
   */
  sendBatch(values: readonly V[]): Promise<RecordMetadata[]>
  sendBatch(messages: readonly Message<V, K>[]): Promise<RecordMetadata[]>
  sendBatch(batch: readonly (V | Message<V, K>)[]): Promise<RecordMetadata[]> {
    return allDelivered(messagesOf<V, K>(batch), (message, resolve, reject) => {
      this.#submit(message, this.#definition, resolve, reject)
    })
  }

  /**
   * Resolves when less than `maxBufferedBytes` wait to be delivered: await it between sends that are not awaited themselves. A
   * send beyond the limit is taken all the same, nothing is lost.
   */
  ready(): Promise<void> {
    // What waits for the first metadata is in no batch yet, so it is not counted.
    if (this.#routing) return this.#routing.then(() => this.ready())
    if (this.#bufferedBytes < this.#settings.maxBufferedBytes) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onRoom.push(resolve)
    })
  }

  /**
   * Runs the body in a transaction of this producer's `transactionalId` and commits what it sent when it resolves; when it throws, aborts
   * and rethrows. A second call waits for the first one.
   *
   * @throws InvalidRequestError without a `transactionalId`, or as {@link TransactionalProducer.transaction} does
   */
  async transaction<T>(body: (tx: TopicTransaction<V, K>) => Promise<T>, options?: TransactionRunOptions): Promise<T> {
    if (this.#closing) throw closed(this.topic)
    this.#transactional ??= startTransactions(
      this.#transport,
      this.topic,
      this.#settings,
      (topic, settings, identities) => new Producer(this.#transport, topic, settings, identities),
    )
    return (await this.#transactional).transaction(this.#definition, body, options)
  }

  /** What it has done so far. The same is published batch by batch, see {@link ProducerBatchEvent}. */
  metrics(): ProducerMetrics {
    return { ...this.#sender.meter.counts, bufferedBytes: this.#bufferedBytes }
  }

  /** @internal fails what is not delivered, as its transaction is aborted */
  giveUp(reason: KafkaError): void {
    this.#sender.giveUp(reason)
  }

  /** Sends what waits now and resolves when all records sent so far are delivered or have failed. It does not reject. */
  async flush(): Promise<void> {
    await this.#routing
    const batches = this.#sender.unsettled()
    for (const batch of batches) batch.isDue = true
    this.#sender.planDrain()
    await Promise.all(batches.map(({ settled }) => settled))
  }

  /** Delivers what was sent, within `deliveryTimeout`, and ends. May be called more than once. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await (await this.#transactional?.catch(() => undefined))?.close()
    await this.flush()
    this.#sender.stop(closed(this.topic))
  }

  #send(message: Message<V, K>, definition = this.#definition): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => this.#submit(message, definition, resolve, reject))
  }

  #submit(
    message: Message<V, K>,
    definition: TopicDefinition<V, K>,
    resolve: Waiter['resolve'],
    reject: Waiter['reject'],
  ): void {
    try {
      if (this.#closing) throw closed(this.topic)
      if (this.#settings.transactionalId)
        throw new InvalidRequestError(`topic '${this.topic}': send by producer.transaction()`)
      const prepared = prepareRecord(message, definition, this.#settings.runtime.clock)
      const partitionCount = this.#metadata.current(this.#sender.signal)
      if (partitionCount !== undefined && !this.#routing) this.#append(prepared, partitionCount, resolve, reject)
      else {
        this.#unrouted.push({ prepared, resolve, reject })
        this.#routing ??= this.#route()
      }
    } catch (error) {
      reject(error)
    }
  }

  /** What was sent before the partitions were known goes first, in its order. */
  async #route(): Promise<void> {
    try {
      const partitionCount = await this.#metadata.load(this.#sender.signal)
      for (const { prepared, resolve, reject } of this.#unrouted.splice(0))
        this.#append(prepared, partitionCount, resolve, reject)
    } catch (error) {
      for (const { reject } of this.#unrouted.splice(0)) reject(error)
    }
    this.#routing = undefined
  }

  /** Puts a record into the batch of its partition; whoever waits for it is told when that is delivered or has failed. */
  #append(
    { content, partition, value }: PreparedRecord,
    partitionCount: number,
    resolve: Waiter['resolve'],
    reject: Waiter['reject'],
  ): void {
    try {
      const { batchSize, maxRequestBytes, runtime } = this.#settings
      const chosen = this.#chooser.choose(partition, content.key, value, partitionCount)
      const queue = this.#sender.queue(chosen)
      const size = estimatedBytes(content)
      if (size > maxRequestBytes) {
        throw new MessageTooLargeError(
          `topic '${this.topic}': the record has ${size} bytes, maxRequestBytes is ${maxRequestBytes}`,
        )
      }
      const limit = Math.min(Math.max(batchSize, grownBatchBytes), maxRequestBytes)
      if (queue.open && (queue.open.sizeInBytes >= limit || queue.open.sizeInBytes + size > maxRequestBytes))
        queue.closeOpen()
      const batch = (queue.open ??= new ProducerBatch(
        this.topic,
        chosen,
        runtime.clock.now(),
        queue.nextOrder++,
        queue.usualBytes,
      ))
      const sizeBefore = batch.count === 0 ? 0 : batch.sizeInBytes
      batch.append(content, resolve, reject)
      if (batch.count === 1) {
        this.#sender.adopt(queue, batch)
        void batch.settled.then(() => this.#release(batch))
      }
      const added = batch.sizeInBytes - sizeBefore
      this.#bufferedBytes += added
      batch.reservedBytes += added
      this.#sender.planDrain()
    } catch (error) {
      reject(error)
    }
  }

  #release({ reservedBytes }: ProducerBatch): void {
    this.#bufferedBytes -= reservedBytes
    if (this.#bufferedBytes < this.#settings.maxBufferedBytes) for (const resolve of this.#onRoom.splice(0)) resolve()
  }
}

function closed(topic: string): DisconnectedError {
  return new DisconnectedError(`the producer of topic '${topic}' is closed`, { retriable: false, outcome: 'failed' })
}
