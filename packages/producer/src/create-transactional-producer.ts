import type { Transport } from '@kafkado/core'
import { type ProducerConfig, producerSettings } from './settings/producer-config.ts'
import { makeTransactionalProducer } from './transaction/make-transactional-producer.ts'
import type { TransactionalProducer } from './transaction/transactional-producer.ts'

/**
 * Makes a producer that writes to any topics in transactions.
 *
 * @param transport carries out the requests; it stays open when the producer is closed
 * @param config with the `transactionalId` that it is known by: of two producers with the same one the newer fences the
 *   older
 * @throws InvalidRequestError when an option is not valid
 */
export function createTransactionalProducer(
  transport: Transport,
  config: ProducerConfig & { transactionalId: string },
): TransactionalProducer {
  const { transactionalId } = config
  return makeTransactionalProducer(transport, { ...producerSettings(config, transport), transactionalId }).producer
}
