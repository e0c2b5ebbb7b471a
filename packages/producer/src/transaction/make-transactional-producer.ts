import type { Transport } from '@kafkado/core'
import type { ProducerIdAndEpoch } from '../batch/producer-identity.ts'
import { TopicWriters } from './topic-writers.ts'
import { TransactionManager } from './transaction-manager.ts'
import { type TransactionalSettings, TransactionalProducer } from './transactional-producer.ts'

/** A producer, and what another one of the same client needs to go on under its id. */
export interface ResumableProducer {
  readonly producer: TransactionalProducer
  /** What the server knows the id by at present. */
  readonly identity: () => ProducerIdAndEpoch
}

/**
 * @param identity what another producer of the same client was known by: this one goes on as that one, and is fenced if
 *   that one would be
 */
export function makeTransactionalProducer(
  transport: Transport,
  settings: TransactionalSettings,
  identity?: ProducerIdAndEpoch,
): ResumableProducer {
  const manager = new TransactionManager(transport, settings, (reason) => writers.giveUp(reason), identity)
  const writers = new TopicWriters(transport, settings, manager)
  return { producer: new TransactionalProducer(settings, manager, writers), identity: () => manager.identity }
}
