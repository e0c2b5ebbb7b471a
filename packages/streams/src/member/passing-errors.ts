import { isKafkaError, KafkaError } from '@kafkado/core'
import { causesOf } from '../errors/causes.ts'

/**
 * Errors that tell of a change elsewhere: another member has taken over, or the group or a transaction has moved on.
 * The application is not at fault.
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
 * Whether the error may pass when the tasks begin again from their last commit. Kafka: TaskMigratedException and
 * TaskCorruptedException.
 */
export function isPassing(error: unknown): boolean {
  // The cause of an aborted transaction tells why.
  for (const one of causesOf(error)) {
    if (!KafkaError.is(one)) return false
    if (one.retriable || one.outcome === 'unknown' || isKafkaError(one, ...migrations)) return true
  }
  return false
}
