import type { Transport } from '@kafkado/core'
import { type ProducerConfig, producerSettings } from './settings/producer-config.ts'
import { makeTransactionalProducer } from './transaction/make-transactional-producer.ts'
import type { TransactionalProducer } from './transaction/transactional-producer.ts'

/**
 * Makes a producer that writes to any topic in transactions.
 *
 * @param transport carries out the requests; closing the producer leaves it open
 * @param config includes the `transactionalId`; when two producers have the same id, the newer one fences the older one
 * @throws InvalidRequestError when an option is not valid
 */
export function createTransactionalProducer(
  transport: Transport,
  config: ProducerConfig & { transactionalId: string },
): TransactionalProducer {
  const { transactionalId } = config
  return makeTransactionalProducer(transport, { ...producerSettings(config, transport), transactionalId }).producer
}
