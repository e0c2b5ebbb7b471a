import type { Transport } from '@kafkado/core'
import type { ProducerIdAndEpoch } from '../batch/producer-identity.ts'
import { TopicWriters } from './topic-writers.ts'
import { TransactionManager } from './transaction-manager.ts'
import { type TransactionalSettings, TransactionalProducer } from './transactional-producer.ts'

/** A producer, and the identity that lets another producer of the same client continue its id. */
export interface ResumableProducer {
  readonly producer: TransactionalProducer
  /** The current identity of the id at the server. */
  readonly identity: () => ProducerIdAndEpoch
}

/** @param identity the identity of a previous producer of the same client; what would fence that one fences this one */
export function makeTransactionalProducer(
  transport: Transport,
  settings: TransactionalSettings,
  identity?: ProducerIdAndEpoch,
): ResumableProducer {
  const manager = new TransactionManager(transport, settings, (reason) => writers.giveUp(reason), identity)
  const writers = new TopicWriters(transport, settings, manager)
  return { producer: new TransactionalProducer(settings, manager, writers), identity: () => manager.identity }
}
