import { InvalidRequestError, type TopicDefinition, type Transport } from '@kafkado/core'
import type { ProducerSettings } from '../settings/producer-config.ts'
import { closed } from '../write/topic-writer.ts'
import type { TransactionsOfProducer } from './producer-transactions.ts'
import type { TopicTransaction } from './transaction.ts'
import type { TransactionRunOptions } from './transaction-arguments.ts'
import type { TransactionalProducer } from './transactional-producer.ts'

export class ProducerTransactions implements TransactionsOfProducer {
  readonly #transport: Transport
  readonly #topic: string
  readonly #settings: ProducerSettings
  #producer: Promise<TransactionalProducer> | undefined
  #isClosed = false

  constructor(transport: Transport, topic: string, settings: ProducerSettings) {
    this.#transport = transport
    this.#topic = topic
    this.#settings = settings
  }

  async run<V, K, T>(
    definition: TopicDefinition<V, K>,
    body: (tx: TopicTransaction<V, K>) => Promise<T>,
    options: TransactionRunOptions | undefined,
  ): Promise<T> {
    if (this.#isClosed) throw closed(this.#topic)
    this.#producer ??= this.#start()
    return (await this.#producer).transaction(definition, body, options)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await (await this.#producer?.catch(() => undefined))?.close()
  }

  async #start(): Promise<TransactionalProducer> {
    const { transactionalId } = this.#settings
    if (transactionalId === undefined)
      throw new InvalidRequestError(
        `the producer of topic '${this.#topic}' has no transactionalId, so it has no transactions`,
      )
    const { makeTransactionalProducer } = await import('./make-transactional-producer.ts')
    return makeTransactionalProducer(this.#transport, { ...this.#settings, transactionalId }).producer
  }
}
