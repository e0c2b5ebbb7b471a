import { isKafkaError, KafkaError } from '@kafkado/core'

/**
 * What says that somebody else has taken over, or that the group or a transaction has gone on: not what is wrong with
 * the application.
 */
const migrations = [
  'ILLEGAL_GENERATION',
  'STALE_MEMBER_EPOCH',
  'UNKNOWN_MEMBER_ID',
  'FENCED_MEMBER_EPOCH',
  'REBALANCE_IN_PROGRESS',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_TXN_STATE',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'CONCURRENT_TRANSACTIONS',
  'TRANSACTION_ABORTABLE',
] as const

/**
 * Whether what went wrong may go right when the tasks begin anew where they were committed last. Kafka:
 * TaskMigratedException and TaskCorruptedException.
 */
export function isPassing(error: unknown): boolean {
  if (!KafkaError.is(error)) return false
  if (error.retriable || error.outcome === 'unknown') return true
  if (isKafkaError(error, ...migrations)) return true
  // A transaction that was aborted says by its cause why.
  return error.cause !== undefined && error.cause !== error && isPassing(error.cause)
}
