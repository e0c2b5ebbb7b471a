import type { TopicDefinition } from '@kafkado/core'
import type { TopicTransaction } from './transaction.ts'
import type { TransactionRunOptions } from './transaction-arguments.ts'

/**
 * The transactions of a single-topic producer with a `transactionalId`. Their code is loaded with the first
 * transaction. A bundler cannot see whether a producer has an id, and most pages never use one.
 */
export interface TransactionsOfProducer {
  run<V, K, T>(
    definition: TopicDefinition<V, K>,
    body: (tx: TopicTransaction<V, K>) => Promise<T>,
    options: TransactionRunOptions | undefined,
  ): Promise<T>
  /** Waits for the transactions that have begun, and refuses new ones. Never rejects. */
  close(): Promise<void>
}
