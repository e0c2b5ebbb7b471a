import {
  DisconnectedError,
  type Duration,
  InvalidRequestError,
  type KafkaError,
  ProducerFencedError,
  type TopicDefinition,
  type TopicLike,
  TransactionAbortedError,
  type Transport,
} from '@kafkado/core'
import { diagnosticChannel, toMilliseconds, topicDefinitionOf } from '@kafkado/core/internal'
import type { Producer } from './producer.ts'
import type { ProducerSettings } from './producer-config.ts'
import type { MakeProducer } from './platform.ts'
import { TopicTransaction, Transaction } from './transaction.ts'
import { TransactionManager } from './transaction-manager.ts'

export interface TransactionRunOptions {
  /** After this time the server aborts a transaction that is still open. Default that of the producer, 1 minute. Kafka: transaction.timeout.ms. */
  timeout?: Duration | undefined
  /** Aborts the transaction if it aborts before the commit has begun. */
  signal?: AbortSignal | undefined
}

/** What is published for each transaction on the channel `kafkado:producer:transaction` of `node:diagnostics_channel`. */
export interface TransactionEvent {
  readonly transactionalId: string
  readonly outcome: 'committed' | 'aborted' | 'unknown'
  readonly durationMs: number
  readonly error: unknown
}

/**
 * Writes to any topics in transactions. Those of one producer run one after the other; a second producer with the same transactional id, in
 * any process, fences this one. Made by {@link createTransactionalProducer}.
 */
export class TransactionalProducer implements AsyncDisposable {
  readonly #settings: ProducerSettings
  readonly #manager: TransactionManager
  readonly #makeProducer: MakeProducer
  /** One for a topic, as only one may number the batches of a partition. */
  readonly #producers = new Map<string, Producer<unknown, unknown>>()
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  /** @internal use {@link createTransactionalProducer} */
  constructor(
    transport: Transport,
    settings: ProducerSettings & { readonly transactionalId: string },
    makeProducer: MakeProducer,
  ) {
    this.#settings = settings
    this.#makeProducer = makeProducer
    this.#manager = new TransactionManager(transport, settings, (reason) => this.#giveUp(reason))
  }

  get transactionalId(): string {
    return this.#manager.transactionalId
  }

  /**
   * Runs the body in a transaction and commits what it sent when it resolves. When it throws, or something sent in it failed, the
   * transaction is aborted. A second call waits for the first one, so do not call it within the body.
   *
   * @param topic writes only to this one, by `tx.send(value)`; without it `tx.send(topic, value)` writes to any
   * @returns what the body returns
   * @throws what the body throws; TransactionAbortedError when a send failed whose error the body did not throw; ProducerFencedError when
   *   another producer has the transactional id, or the transaction took longer than its timeout; a KafkaError whose outcome is
   *   `unknown` when nobody can tell whether it was committed
   */
  transaction<T>(body: (tx: Transaction) => Promise<T>, options?: TransactionRunOptions): Promise<T>
  transaction<V, K, T>(
    topic: TopicLike<V, K>,
    body: (tx: TopicTransaction<V, K>) => Promise<T>,
    options?: TransactionRunOptions,
  ): Promise<T>
  transaction<T>(...given: TransactionArguments): Promise<T> {
    const [body, options] = bodyOf<T>(given)
    const running = this.#last.then(() => this.#run(body, options))
    this.#last = running.catch(() => undefined)
    return running
  }

  /** Waits for the transactions that were begun, and ends. May be called more than once. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run<T>(body: (tx: Transaction) => Promise<T>, { timeout, signal }: TransactionRunOptions): Promise<T> {
    if (this.#isClosed)
      throw new DisconnectedError(`the producer of '${this.transactionalId}' is closed`, {
        retriable: false,
        outcome: 'failed',
      })
    signal?.throwIfAborted()
    const { runtime, transactionTimeoutMs } = this.#settings
    const startedMs = runtime.clock.now()
    await this.#manager.begin(timeout === undefined ? transactionTimeoutMs : toMilliseconds(timeout, 'timeout'), signal)
    const transaction = new Transaction({
      manager: this.#manager,
      send: (topic, message) => {
        const definition = topicDefinitionOf(topic) as TopicDefinition<unknown, unknown>
        return this.#producerOf(definition).sendAs(definition, message)
      },
    })
    const publish = (outcome: TransactionEvent['outcome'], error?: unknown): void => {
      const { transactionalId } = this
      const event: TransactionEvent = { transactionalId, outcome, durationMs: runtime.clock.now() - startedMs, error }
      diagnosticChannel('kafkado:producer:transaction').publish(event)
    }
    let result: T
    try {
      result = await body(transaction)
      await transaction.settle()
      transaction.end()
      signal?.throwIfAborted()
      this.#requireWhole()
    } catch (error) {
      transaction.end()
      this.#manager.fail(error)
      await transaction.settle()
      await this.#manager.abort()
      transaction.aborted()
      publish('aborted', error)
      throw error
    }
    try {
      await this.#manager.commit()
    } catch (error) {
      const isUnknown = (error as Partial<KafkaError>).outcome === 'unknown'
      transaction.aborted()
      publish(isUnknown ? 'unknown' : 'aborted', error)
      throw error
    }
    transaction.committed()
    publish('committed')
    return result
  }

  #requireWhole(): void {
    const { failure } = this.#manager
    if (failure === undefined) return
    if (ProducerFencedError.is(failure)) throw failure
    const detail = String((failure as Partial<Error>).message)
    throw new TransactionAbortedError(
      `the transaction of '${this.transactionalId}' was aborted because something of it failed: ${detail}`,
      { cause: failure },
    )
  }

  #producerOf(topic: TopicDefinition<unknown, unknown>): Producer<unknown, unknown> {
    const producer =
      this.#producers.get(topic.name) ??
      this.#makeProducer(topic, { ...this.#settings, transactionalId: undefined }, this.#manager)
    this.#producers.set(topic.name, producer)
    return producer
  }

  #giveUp(reason: KafkaError): void {
    for (const producer of this.#producers.values()) producer.giveUp(reason)
  }
}

/** What `transaction()` may be called with: a body, or a topic and a body, and options. */
export type TransactionArguments = [unknown, unknown?, unknown?]

function bodyOf<T>([first, second, third]: TransactionArguments): [
  body: (tx: Transaction) => Promise<T>,
  options: TransactionRunOptions,
] {
  if (typeof first === 'function') return [first as (tx: Transaction) => Promise<T>, second ?? {}]
  if (typeof second !== 'function')
    throw new InvalidRequestError('transaction() needs a function that sends what belongs together')
  const topic = topicDefinitionOf(first as TopicLike<never, never>)
  return [(transaction) => second(new TopicTransaction(transaction, topic)) as Promise<T>, third ?? {}]
}
