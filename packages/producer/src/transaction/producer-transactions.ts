import type { TopicDefinition } from '@kafkado/core'
import type { TopicTransaction } from './transaction.ts'
import type { TransactionRunOptions } from './transaction-arguments.ts'

/**
 * The transactions of a producer of one topic that was made with a `transactionalId`. What carries them out is loaded
 * with the first one: a page has no use for it, and a bundler cannot see whether a producer has.
 */
export interface TransactionsOfProducer {
  run<V, K, T>(
    definition: TopicDefinition<V, K>,
    body: (tx: TopicTransaction<V, K>) => Promise<T>,
    options: TransactionRunOptions | undefined,
  ): Promise<T>
  /** Waits for those that were begun; from then on there are no more. Does not fail. */
  close(): Promise<void>
}
