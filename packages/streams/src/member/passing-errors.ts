import { isKafkaError, KafkaError } from '@kafkado/core'
import { causesOf } from '../errors/causes.ts'

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
  // A transaction that was aborted says by its cause why.
  for (const one of causesOf(error)) {
    if (!KafkaError.is(one)) return false
    if (one.retriable || one.outcome === 'unknown' || isKafkaError(one, ...migrations)) return true
  }
  return false
}
