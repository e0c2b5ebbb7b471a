import { describeTransactions, initProducerId, type Transport } from '@kafkado/core'
import { errorOfCode, requireText } from '@kafkado/core/internal'

/**
 * Aborts the open transaction of a transactional id and fences its producer, which gets a ProducerFencedError from then
 * on. Readers of committed records then no longer wait for it. The same as Kafka's `fenceProducers`.
 *
 * @throws InvalidRequestError when the id is not a string, or empty; KafkaError TRANSACTIONAL_ID_NOT_FOUND when nobody
 *   has that id
 */
export async function abortTransaction(transport: Transport, id: string): Promise<void> {
  requireText(id, 'transactional id')
  const { transactionStates } = await transport.send(describeTransactions, { transactionalIds: [id] })
  const found = transactionStates[0]
  if (!found || found.errorCode !== 0)
    throw errorOfCode(found?.errorCode ?? 'TRANSACTIONAL_ID_NOT_FOUND', { detail: found?.errorMessage })
  const transactionTimeoutMs = found.transactionTimeoutMs
  await transport.send(initProducerId, { transactionalId: id, transactionTimeoutMs, producerId: -1, producerEpoch: -1 })
}
