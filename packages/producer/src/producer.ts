import { startTransactions } from '#platform'
import {
  DisconnectedError,
  InvalidRequestError,
  type KafkaError,
  type Message,
  MessageTooLargeError,
  PartitionNotFoundError,
  type RecordMetadata,
  TimeoutError,
  type TopicDefinition,
  type Transport,
} from '@kafkado/core'
import { BatchDelivery } from './delivery/batch-delivery.ts'
import { Delivery, type Waiter } from './delivery/delivery.ts'
import { messagesOf, notList, notOptions, type RecordOptions } from './record/messages-of.ts'
import { PartitionChooser } from './partition/partitioner.ts'
import { estimatedBytes, type PreparedRecord, prepareRecord, rawBytes } from './record/prepared-record.ts'
import { ProducerBatch } from './batch/producer-batch.ts'
import type { ProducerSettings } from './producer-config.ts'
import { IdempotentIdentities, type IdentitySource } from './send/producer-identity.ts'
import type { ProducerMetrics } from './send/producer-meter.ts'
import { Sender } from './send/sender.ts'
import { TopicMetadata } from './write/topic-metadata.ts'
import type { TopicTransaction } from './transaction/transaction.ts'
import type { TransactionalProducer, TransactionRunOptions } from './transaction/transactional-producer.ts'
import { UnawaitedSends } from './delivery/unawaited-sends.ts'
import { WaitingRecords } from './write/waiting-records.ts'

/** A batch that cannot leave yet grows to this size, where throughput is best. */
const grownBatchBytes = 256 * 1024

/** What a producer may get of those who make it in another way. */
export interface ProducerParts {
  readonly identities?: IdentitySource
  /** Called when it has closed, so that it need not be kept to be closed. */
  readonly onClosed?: () => void
}

/** Writes records to one topic, in batches, each in the order in which it was sent. Made by `createProducer`. */
export class Producer<V = unknown, K = string> implements AsyncDisposable {
  readonly topic: string
  readonly #definition: TopicDefinition<V, K>
  readonly #settings: ProducerSettings
  readonly #transport: Transport
  readonly #metadata: TopicMetadata
  readonly #chooser: PartitionChooser
  readonly #sender: Sender
  readonly #waiting: WaitingRecords
  readonly #unawaited = new UnawaitedSends()
  readonly #onClosed: (() => void) | undefined
  #bufferedBytes = 0
  readonly #onRoom: (() => void)[] = []
  #transactional: Promise<TransactionalProducer> | undefined
  #closing: Promise<void> | undefined

  /** @internal use `createProducer` */
  constructor(
    transport: Transport,
    definition: TopicDefinition<V, K>,
    settings: ProducerSettings,
    { identities = new IdempotentIdentities(transport, settings), onClosed }: ProducerParts = {},
  ) {
    this.topic = definition.name
    this.#transport = transport
    this.#definition = definition
    this.#settings = settings
    this.#onClosed = onClosed
    this.#chooser = new PartitionChooser(definition.name, settings.partitioner, settings.runtime.random)
    this.#sender = new Sender(transport, definition.name, settings, identities, {
      onSent: (batch) => this.#chooser.onBatchSent(batch.partition, this.#metadata.partitionCount ?? 1),
      onStaleMetadata: () => this.#metadata.invalidate(),
    })
    this.#waiting = new WaitingRecords(definition.name, settings, {
      onLeft: (sizeInBytes) => this.#release(sizeInBytes),
      onFailed: (error) => this.#sender.meter.refused(definition.name, error),
    })
    this.#metadata = new TopicMetadata(transport, definition.name, settings, this.#sender.signal, {
      onKnown: (partitionCount) => this.#route(partitionCount),
      onFailed: (error) => this.#onLookUpFailed(error),
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
    if (typeof options !== 'object') return Promise.reject(notOptions(this.topic, options))
    return this.#send({ ...options, value })
  }

  /**
   * Sends a value that is serialised already, past the topic's serde and schema: what was read is handed on as it was, such as to a
   * dead-letter topic.
   *
   * @throws as {@link send} does
   */
  sendRaw(value: Uint8Array | null, options: RecordOptions<K> = {}): Promise<RecordMetadata> {
    if (typeof options !== 'object') return Promise.reject(notOptions(this.topic, options))
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
   *
   * @throws BatchDeliveryError when one of them is not delivered, when all have settled; its `results` say of each what became of it
   */
  sendBatch(values: readonly V[]): Promise<RecordMetadata[]>
  sendBatch(messages: readonly Message<V, K>[]): Promise<RecordMetadata[]>
  sendBatch(batch: readonly (V | Message<V, K>)[]): Promise<RecordMetadata[]> {
    if (!Array.isArray(batch)) return Promise.reject(notList(this.topic, batch))
    const messages = messagesOf<V, K>(batch)
    const delivery = new BatchDelivery(this.topic, messages.length, this.#unawaited)
    messages.forEach((message, index) => this.#submit(message, this.#definition, delivery.waiter(index)))
    return delivery.promise
  }

  /**
   * Resolves when less than `maxBufferedBytes` wait to be delivered: await it between sends that are not awaited themselves. A
   * send beyond the limit is taken all the same, nothing is lost. It does not reject: of the sends before it that nobody awaits, failures are told
   * by {@link metrics} and on `kafkado:producer:failed`.
   */
  ready(): Promise<void> {
    this.#unawaited.attend()
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
      (topic, settings, identities) => new Producer(this.#transport, topic, settings, { identities }),
    )
    return (await this.#transactional).transaction(this.#definition, body, options)
  }

  /** What it has done so far. The same is published batch by batch, see {@link ProducerBatchEvent}. */
  metrics(): ProducerMetrics {
    return { ...this.#sender.meter.counts, bufferedBytes: this.#bufferedBytes }
  }

  /** @internal whether nothing that was sent waits any more */
  get isIdle(): boolean {
    return this.#bufferedBytes === 0
  }

  /** @internal fails what is not delivered, as its transaction is aborted */
  giveUp(reason: KafkaError): void {
    this.#waiting.fail(reason)
    this.#sender.giveUp(reason)
  }

  /**
   * Sends what waits now and resolves when all records sent so far are delivered or have failed. It does not reject, as Java's does not: of sends
   * that nobody awaits, failures are told by {@link metrics} and on `kafkado:producer:failed`.
   */
  async flush(): Promise<void> {
    this.#unawaited.attend()
    await this.#waiting.left()
    const batches = this.#sender.unsettled()
    for (const batch of batches) batch.isDue = true
    this.#sender.planDrain()
    await Promise.all(batches.map(({ settled }) => settled))
  }

  /** Delivers what was sent, within `deliveryTimeout`, and ends. May be called more than once. */
  close(): Promise<void> {
    this.#unawaited.attend()
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
    this.#onClosed?.()
  }

  #send(message: Message<V, K>, definition = this.#definition): Promise<RecordMetadata> {
    const delivery = new Delivery(this.#unawaited)
    this.#submit(message, definition, delivery)
    return delivery.promise
  }

  #submit(message: Message<V, K>, definition: TopicDefinition<V, K>, waiter: Waiter): void {
    try {
      if (this.#closing) throw closed(this.topic)
      if (this.#settings.transactionalId)
        throw new InvalidRequestError(`topic '${this.topic}': send by producer.transaction()`)
      const { clock } = this.#settings.runtime
      const prepared = prepareRecord(message, definition, clock)
      const nowMs = clock.monotonic()
      const partitionCount = this.#metadata.current(nowMs)
      if (partitionCount !== undefined && this.#append(prepared, nowMs, partitionCount, waiter)) return
      this.#bufferedBytes += this.#waiting.add(prepared, waiter, nowMs, this.#metadata.lookUps)
      this.#metadata.lookUp()
    } catch (error) {
      this.#sender.meter.refused(this.topic, error)
      waiter.reject(error)
    }
  }

  /** What was sent before the partitions were known goes first, in its order. */
  #route(partitionCount: number): void {
    this.#waiting.lastProblem = undefined
    this.#waiting.route(({ prepared, waiter, sentMs, lookUpsBefore }) => {
      if (this.#append(prepared, sentMs, partitionCount, waiter)) return true
      // The look-up may have been answered before the partition was made and the record sent.
      if (lookUpsBefore >= this.#metadata.lookUps) return false
      throw new PartitionNotFoundError(
        `topic '${this.topic}' has ${partitionCount} partitions, so what was asked for is not one of them (from 0 to ${partitionCount - 1})`,
      )
    })
    if (this.#waiting.size > 0) this.#metadata.lookUp()
  }

  /** When its time was over, some records may have some left. */
  #onLookUpFailed(error: unknown): void {
    if (!TimeoutError.is(error)) this.#waiting.fail(error)
    else this.#waiting.lastProblem = error
    if (this.#waiting.size > 0) this.#metadata.lookUp()
  }

  /**
   * Puts a record into the batch of its partition; whoever waits for it is told when that is delivered or has failed.
   *
   * @returns false when there is no such partition, as far as is known
   */
  #append(
    { content, partition, value }: PreparedRecord,
    sentMs: number,
    partitionCount: number,
    waiter: Waiter,
  ): boolean {
    const { batchSize, maxRequestBytes } = this.#settings
    const chosen = this.#chooser.choose(partition, content.key, value, partitionCount)
    if (chosen >= partitionCount) return false
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
    const batch = queue.open ?? new ProducerBatch(this.topic, chosen, sentMs, queue.nextOrder, queue.usualBytes)
    const sizeBefore = batch.count === 0 ? 0 : batch.sizeInBytes
    batch.append(content, waiter)
    if (batch !== queue.open) {
      queue.nextOrder++
      queue.open = batch
      this.#sender.adopt(queue, batch)
      void batch.settled.then(() => this.#release(batch.reservedBytes))
    }
    const added = batch.sizeInBytes - sizeBefore
    this.#bufferedBytes += added
    batch.reservedBytes += added
    this.#sender.planDrain()
    return true
  }

  #release(sizeInBytes: number): void {
    this.#bufferedBytes -= sizeInBytes
    if (this.#bufferedBytes < this.#settings.maxBufferedBytes) for (const resolve of this.#onRoom.splice(0)) resolve()
  }
}

function closed(topic: string): DisconnectedError {
  return new DisconnectedError(`the producer of topic '${topic}' is closed`, { retriable: false, outcome: 'failed' })
}
