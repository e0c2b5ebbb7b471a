import { ProducerTransactions } from '#producer-transactions'
import type { Message, RecordMetadata, TopicDefinition, Transport } from '@kafkado/core'
import type { ProducerSettings } from './settings/producer-config.ts'
import { messagesOf, notList, notOptions, type RecordOptions } from './record/messages-of.ts'
import { rawBytes } from './record/prepared-record.ts'
import type { ProducerMetrics } from './send/producer-meter.ts'
import type { TopicTransaction } from './transaction/transaction.ts'
import type { TransactionRunOptions } from './transaction/transaction-arguments.ts'
import { TopicWriter } from './write/topic-writer.ts'

const noOptions: RecordOptions<never> = {}

/** Writes records to one topic, in batches, in the order of the sends. Made by `createProducer`. */
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
   * Sends one record; null is a tombstone. The record is buffered at once, and the promise resolves when it is
   * delivered as safely as `acks` asks. Sends that you do not await travel together in batches. A producer with a
   * `transactionalId` sends by {@link transaction} only.
   *
   * @throws SerializationError, MessageTooLargeError, TopicNotFoundError, PartitionNotFoundError, TimeoutError after
   *   `deliveryTimeout`, DisconnectedError when the producer is closed, or the server's refusal
   */
  send(value: V | null, options: RecordOptions<K> = noOptions): Promise<RecordMetadata> {
    if (typeof options !== 'object') return Promise.reject(notOptions(this.topic, options))
    return this.#writer.send(this.#definition, options === noOptions ? { value } : { ...options, value })
  }

  /**
   * Sends a value that is already serialised, past the topic's serde and schema. Use it to forward a record as it was
   * read, for example to a dead-letter topic. The key may be bytes as well.
   *
   * @throws as {@link send} does
   */
  sendRaw(value: Uint8Array | null, options: RecordOptions<K | Uint8Array> = {}): Promise<RecordMetadata> {
    if (typeof options !== 'object') return Promise.reject(notOptions(this.topic, options))
    return this.#writer.send({ ...this.#definition, value: rawBytes }, { ...options, value })
  }

  /**
   * Sends many records, given as values or as messages. They count as messages when every one is an object with `value`
   * and only fields of a message. If your values look like that, send them as messages.
   *
   * @throws BatchDeliveryError when a record is not delivered, once all have settled; its `results` tell what became of
   *   each record
   */
  sendBatch(values: readonly V[]): Promise<RecordMetadata[]>
  sendBatch(messages: readonly Message<V, K>[]): Promise<RecordMetadata[]>
  sendBatch(batch: readonly (V | Message<V, K>)[]): Promise<RecordMetadata[]> {
    if (!Array.isArray(batch)) return Promise.reject(notList(this.topic, batch))
    return this.#writer.sendAll(this.#definition, messagesOf<V, K>(batch))
  }

  /**
   * Resolves when fewer than `maxBufferedBytes` wait to be delivered. Await it between sends that you do not await
   * themselves. A send beyond the limit is accepted too; no record is lost. It never rejects: for sends that nobody
   * awaits, see failures in {@link metrics} and on `kafkado:producer:failed`.
   */
  ready(): Promise<void> {
    return this.#writer.ready()
  }

  /**
   * Runs the body in a transaction of this producer's `transactionalId`. Commits what the body sent when it resolves;
   * aborts and rethrows when it throws. A second call waits for the first.
   *
   * @throws InvalidRequestError without a `transactionalId`, or as {@link TransactionalProducer.transaction} does
   */
  transaction<T>(body: (tx: TopicTransaction<V, K>) => Promise<T>, options?: TransactionRunOptions): Promise<T> {
    return this.#transactions.run(this.#definition, body, options)
  }

  /** What the producer has done so far. It also publishes each batch, see {@link ProducerBatchEvent}. */
  metrics(): ProducerMetrics {
    return this.#writer.metrics()
  }

  /**
   * Sends the waiting records now, and resolves when every record sent so far is delivered or has failed. Like Java's
   * `flush()`, it never rejects: for sends that nobody awaits, see failures in {@link metrics} and on
   * `kafkado:producer:failed`.
   */
  flush(): Promise<void> {
    return this.#writer.flush()
  }

  /**
   * Delivers the records sent so far, waits for the transactions that have begun, and ends within `closeTimeout`. What
   * is not done by then is given up: its promises reject. You may call it more than once.
   */
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
