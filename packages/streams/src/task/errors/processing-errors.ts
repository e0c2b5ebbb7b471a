import {
  InvalidRequestError,
  KafkaError,
  type KafkaRecord,
  MessageTooLargeError,
  SerializationError,
} from '@kafkado/core'

type Place = Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>

export function describeRecord({ topic, partition, offset }: Place): string {
  return `topic '${topic}' partition ${partition} offset ${offset}`
}

/** Whether a write failed because of what the record is: then another one would have gone well. */
export function isOfRecord(error: unknown): boolean {
  return MessageTooLargeError.is(error) || SerializationError.is(error) || InvalidRequestError.is(error)
}

/** Where something went wrong, as far as that is known. */
export interface FailedPlace {
  readonly task: string
  readonly operator: string | undefined
  readonly record: Place | undefined
}

/** What ends the application, or stands in the headers of a record that was put aside: with everything that is known of where it comes from. */
export function processingError(cause: unknown, { task, operator, record }: FailedPlace): unknown {
  // What the server or the configuration is to blame for says so itself.
  if (KafkaError.is(cause) && !isOfRecord(cause)) return cause
  const where = [
    `task ${task}`,
    ...(record ? [describeRecord(record)] : []),
    ...(operator === undefined ? [] : [`operator '${operator}'`]),
  ]
  return new KafkaError(`${where.join(': ')}: processing failed: ${detailOf(cause)}`, {
    code: codeOf(cause),
    retriable: false,
    outcome: 'failed',
    cause,
  })
}

function codeOf(cause: unknown): string {
  if (SerializationError.is(cause)) return 'SERIALIZATION_ERROR'
  return MessageTooLargeError.is(cause) ? 'MESSAGE_TOO_LARGE' : 'PROCESSING_FAILED'
}

export function detailOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
