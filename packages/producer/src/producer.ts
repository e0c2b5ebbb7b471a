import { ProducerTransactions } from '#producer-transactions'
import type { Message, RecordMetadata, TopicDefinition, Transport } from '@kafkado/core'
import type { ProducerSettings } from './settings/producer-config.ts'
import { messagesOf, notList, notOptions, type RecordOptions } from './record/messages-of.ts'
import { rawBytes } from './record/prepared-record.ts'
import type { ProducerMetrics } from './send/producer-meter.ts'
import type { TopicTransaction } from './transaction/transaction.ts'
import type { TransactionRunOptions } from './transaction/transaction-arguments.ts'
import { TopicWriter } from './write/topic-writer.ts'

/** Writes records to one topic, in batches, each in the order in which it was sent. Made by `createProducer`. */
export class Producer<V = unknown, K = string> implements AsyncDisposable {
  readonly topic: string
  readonly #definition: TopicDefinition<V, K>
  readonly #writer: TopicWriter
  readonly #transactions: ProducerTransactions
  readonly #onClosed: (() => void) | undefined
  #closing: Promise<void> | undefined

  /** @internal use `createProducer` */
  constructor(
    transport: Transport,
    definition: TopicDefinition<V, K>,
    settings: ProducerSettings,
    onClosed?: () => void,
  ) {
    this.topic = definition.name
    this.#definition = definition
    this.#writer = new TopicWriter(transport, definition.name, settings)
    this.#transactions = new ProducerTransactions(transport, definition.name, settings)
    this.#onClosed = onClosed
  }

  /**
   * Sends one record; null is a tombstone. It is buffered at once, and the promise resolves when it was delivered as
   * `acks` asks. Records sent without waiting go together in batches. With a `transactionalId` records are sent by
   * {@link transaction} only.
   *
   * @throws SerializationError, MessageTooLargeError, TopicNotFoundError, PartitionNotFoundError, TimeoutError after
   *   `deliveryTimeout`, DisconnectedError when the producer is closed, or what the server refused it with
   */
  send(value: V | null, options: RecordOptions<K> = {}): Promise<RecordMetadata> {
    if (typeof options !== 'object') return Promise.reject(notOptions(this.topic, options))
    return this.#writer.send(this.#definition, { ...options, value })
  }

  /**
   * Sends a value that is serialised already, past the topic's serde and schema: what was read is handed on as it was,
   * such as to a dead-letter topic. Its key may be bytes as well.
   *
   * @throws as {@link send} does
   */
  sendRaw(value: Uint8Array | null, options: RecordOptions<K | Uint8Array> = {}): Promise<RecordMetadata> {
    if (typeof options !== 'object') return Promise.reject(notOptions(this.topic, options))
    return this.#writer.send({ ...this.#definition, value: rawBytes }, { ...options, value })
  }

  /**
   * Sends many records, given as values or as messages. They are taken for messages when every one is an object that
   * has `value` and nothing but what a message may have; a topic whose values look like that is sent as messages.
   *
   * @throws BatchDeliveryError when one of them is not delivered, when all have settled; its `results` say of each what
   *   became of it
   */
  sendBatch(values: readonly V[]): Promise<RecordMetadata[]>
  sendBatch(messages: readonly Message<V, K>[]): Promise<RecordMetadata[]>
  sendBatch(batch: readonly (V | Message<V, K>)[]): Promise<RecordMetadata[]> {
    if (!Array.isArray(batch)) return Promise.reject(notList(this.topic, batch))
    return this.#writer.sendAll(this.#definition, messagesOf<V, K>(batch))
  }

  /**
   * Resolves when less than `maxBufferedBytes` wait to be delivered: await it between sends that are not awaited
   * themselves. A send beyond the limit is taken all the same, nothing is lost. It does not reject: of the sends before
   * it that nobody awaits, failures are told by {@link metrics} and on `kafkado:producer:failed`.
   */
  ready(): Promise<void> {
    return this.#writer.ready()
  }

  /**
   * Runs the body in a transaction of this producer's `transactionalId` and commits what it sent when it resolves; when
   * it throws, aborts and rethrows. A second call waits for the first one.
   *
   * @throws InvalidRequestError without a `transactionalId`, or as {@link TransactionalProducer.transaction} does
   */
  transaction<T>(body: (tx: TopicTransaction<V, K>) => Promise<T>, options?: TransactionRunOptions): Promise<T> {
    return this.#transactions.run(this.#definition, body, options)
  }

  /** What it has done so far. The same is published batch by batch, see {@link ProducerBatchEvent}. */
  metrics(): ProducerMetrics {
    return this.#writer.metrics()
  }

  /**
   * Sends what waits now and resolves when all records sent so far are delivered or have failed. It does not reject, as
   * Java's does not: of sends that nobody awaits, failures are told by {@link metrics} and on
   * `kafkado:producer:failed`.
   */
  flush(): Promise<void> {
    return this.#writer.flush()
  }

  /** Delivers what was sent, within `deliveryTimeout`, and ends. May be called more than once. */
  close(): Promise<void> {
    const delivered = this.#writer.close()
    this.#closing ??= this.#close(delivered)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(delivered: Promise<void>): Promise<void> {
    await this.#transactions.close()
    await delivered
    this.#onClosed?.()
  }
}
