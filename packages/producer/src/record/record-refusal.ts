import {
  InvalidRequestError,
  type KafkaError,
  type KafkaErrorName,
  MessageTooLargeError,
  SerializationError,
  TopicNotFoundError,
} from '@kafkado/core'

/** The errors of a server that refuses a batch because of one of its records. Other records would have succeeded. */
const refusals: readonly KafkaErrorName[] = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]

export function isRecordRefusal(name: KafkaErrorName): boolean {
  return refusals.includes(name)
}

/** Whether a write failed because of the record itself. Another record would have succeeded. */
export function isOfRecord(error: unknown): boolean {
  return MessageTooLargeError.is(error) || SerializationError.is(error) || InvalidRequestError.is(error)
}

/** Whether the record, or its missing topic, certainly caused the failure, and nothing was written. */
export function isRefused(error: unknown): boolean {
  return (isOfRecord(error) || TopicNotFoundError.is(error)) && (error as KafkaError).outcome === 'failed'
}
