import type { InitProducerIdRequest } from '@kafkado/core/protocol'
import { errorOfCode } from '@kafkado/core/internal'
import { checkIdentifier } from '../refusals/identifiers.ts'
import type { StoredTransaction } from '../storage/metadata-record.ts'

/** The producer that a request names. */
export interface Producer {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** @throws KafkaError INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING or PRODUCER_FENCED */
export function checkProducer(
  { transactionalId, producerId, producerEpoch }: Producer,
  known: StoredTransaction | undefined,
): StoredTransaction {
  checkIdentifier('transactional id', transactionalId)
  if (known?.producerId !== producerId) {
    const holder = known ? `belongs to producer ${known.producerId}` : 'is not known'
    throw errorOfCode('INVALID_PRODUCER_ID_MAPPING', {
      detail: `the transactional id '${transactionalId}' ${holder}, the request comes from producer ${producerId}`,
    })
  }
  if (known.producerEpoch === producerEpoch) return known
  throw errorOfCode('PRODUCER_FENCED', {
    detail:
      `the transactional id '${transactionalId}' is at epoch ${known.producerEpoch}, the request says ` +
      `${producerEpoch}: another producer has taken it over, or its transaction took longer than its timeout`,
  })
}

/** @throws KafkaError INVALID_REQUEST or INVALID_TRANSACTION_TIMEOUT */
export function checkTimeout(
  { transactionalId, transactionTimeoutMs }: InitProducerIdRequest,
  maxTransactionTimeoutMs: number,
): void {
  checkIdentifier('transactional id', transactionalId)
  if (transactionTimeoutMs > 0 && transactionTimeoutMs <= maxTransactionTimeoutMs) return
  throw errorOfCode('INVALID_TRANSACTION_TIMEOUT', {
    detail:
      `the transaction timeout must be from 1 to ${maxTransactionTimeoutMs} ms (transaction.max.timeout.ms), ` +
      `got ${transactionTimeoutMs}`,
  })
}
