import type { Transport } from '@kafkado/core'
import { Producer } from './producer.ts'
import { type ProducerConfig, producerSettings } from './producer-config.ts'
import type { TransactionIdentity } from './send/producer-identity.ts'
import { TransactionalProducer } from './transaction/transactional-producer.ts'

/**
 * Makes a producer that writes to any topics in transactions.
 *
 * @param transport carries out the requests; it stays open when the producer is closed
 * @param config with the `transactionalId` that it is known by: of two producers with the same one the newer fences the older
 * @param identity what another producer of the same client was known by, which goes on as this one
 * @throws InvalidRequestError when an option is not valid
 */
export function createTransactionalProducer(
  transport: Transport,
  config: ProducerConfig & { transactionalId: string },
  identity?: TransactionIdentity,
): TransactionalProducer {
  const settings = producerSettings(config)
  const { transactionalId } = config
  return new TransactionalProducer(
    transport,
    { ...settings, transactionalId },
    (topic, own, identities) => new Producer(transport, topic, own, { identities }),
    identity,
  )
}
