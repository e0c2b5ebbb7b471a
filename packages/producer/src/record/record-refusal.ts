import {
  InvalidRequestError,
  type KafkaError,
  type KafkaErrorName,
  MessageTooLargeError,
  SerializationError,
  TopicNotFoundError,
} from '@kafkado/core'

/** By which a server refuses a batch for what a record in it is: another one would have gone well. */
const refusals: readonly KafkaErrorName[] = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]

export function isRecordRefusal(name: KafkaErrorName): boolean {
  return refusals.includes(name)
}

/** Whether a write failed because of what the record is: then another one would have gone well. */
export function isOfRecord(error: unknown): boolean {
  return MessageTooLargeError.is(error) || SerializationError.is(error) || InvalidRequestError.is(error)
}

/** Whether that is certain, and nothing was written; or there is no topic of the name that the record was for. */
export function isRefused(error: unknown): boolean {
  return (isOfRecord(error) || TopicNotFoundError.is(error)) && (error as KafkaError).outcome === 'failed'
}
