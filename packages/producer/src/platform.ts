import type { TopicDefinition, Transport } from '@kafkado/core'
import type { Producer } from './producer.ts'
import type { ProducerBatch } from './batch/producer-batch.ts'
import type { ProducerSettings } from './producer-config.ts'
import type { IdentitySource } from './send/producer-identity.ts'
import type { TransactionalProducer } from './transaction/transactional-producer.ts'

/** Makes a producer that takes part in transactions. Passed along, because the class of producers cannot be imported by what it imports. */
export type MakeProducer = (
  topic: TopicDefinition<unknown, unknown>,
  settings: ProducerSettings,
  identities: IdentitySource,
) => Producer<unknown, unknown>

/** What a page should not download for a producer that has no use for it there, and a bundler cannot see whether it has. */
export interface Platform {
  /** Carries out the transactions of a producer that was made with a `transactionalId`. */
  startTransactions(
    transport: Transport,
    topic: string,
    settings: ProducerSettings,
    makeProducer: MakeProducer,
  ): Promise<TransactionalProducer>
  /** Tells those who listen what became of a batch. */
  publishBatch(
    outcome: 'delivered' | 'failed' | 'retry',
    batch: Pick<ProducerBatch, 'topic' | 'partition' | 'count' | 'sizeInBytes' | 'attempts' | 'createdMs'>,
    nowMs: number,
    baseOffset: number,
    error: unknown,
  ): void
}
