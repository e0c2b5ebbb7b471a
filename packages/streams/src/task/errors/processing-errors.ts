import { KafkaError, type KafkaRecord, MessageTooLargeError, SerializationError } from '@kafkado/core'
import { isOfRecord } from '@kafkado/producer/internal'
import { messageOf } from '@kafkado/core/internal'
import { causesOf } from '../../errors/causes.ts'
import { type ErrorKind, StreamsError } from '../../errors/streams-error.ts'
import { StoreError, storeOfError } from '../../state/store-error.ts'

type Place = Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>

export function describeRecord({ topic, partition, offset }: Place): string {
  return `topic '${topic}' partition ${partition} offset ${offset}`
}

/** Whether the server, the storage or the configuration is to blame, which says so itself. */
export function isOfServer(cause: unknown): boolean {
  return KafkaError.is(cause) && !isOfRecord(cause)
}

/** What is to blame of those, if something is, also where an operator has thrown something else for it. */
export function faultOfServer(cause: unknown): KafkaError | undefined {
  for (const one of causesOf(cause)) {
    if (isOfRecord(one)) return undefined
    if (KafkaError.is(one)) return one
  }
  return undefined
}

/** What an error is that came before any operator had its turn: all that is done then is to read the record. */
export function kindBeforeOperators(error: unknown): ErrorKind {
  return SerializationError.is(error) && !(error instanceof StoreError) ? 'deserialization' : 'processing'
}

/** What failed, and where. */
export interface Failure {
  readonly kind: ErrorKind
  readonly cause: unknown
  /** Undefined for a global table. */
  readonly task: string | undefined
  readonly operator: string | undefined
  readonly record: KafkaRecord<unknown, unknown> | undefined
  /** The topic that a result was for. */
  readonly output?: string | undefined
}

const what: Readonly<Record<ErrorKind, string>> = {
  deserialization: 'reading failed',
  processing: 'processing failed',
  production: 'writing failed',
}

/**
 * What ends the application, or stands in the headers of a record that was put aside: with everything that is known of
 * where it comes from.
 */
export function streamsErrorOf({ kind, cause, task, operator, record, output }: Failure): StreamsError {
  const where = [
    task === undefined ? 'global table' : `task ${task}`,
    ...(record ? [describeRecord(record)] : []),
    ...(operator === undefined ? [] : [`operator '${operator}'`]),
  ]
  const { topic, partition, offset } = record ?? {}
  return new StreamsError(`${where.join(': ')}: ${what[kind]}: ${messageOf(cause)}`, {
    kind,
    task,
    topic,
    partition,
    offset,
    operator,
    output,
    store: storeOfError(cause),
    ...traitsOf(cause),
    cause,
  })
}

function traitsOf(cause: unknown): Pick<KafkaError, 'code' | 'retriable' | 'outcome' | 'kafkaCode'> {
  const fault = faultOfServer(cause)
  if (fault) return fault
  return { code: codeOf(cause), retriable: false, outcome: 'failed', kafkaCode: undefined }
}

function codeOf(cause: unknown): string {
  if (SerializationError.is(cause)) return 'SERIALIZATION_ERROR'
  return MessageTooLargeError.is(cause) ? 'MESSAGE_TOO_LARGE' : 'PROCESSING_FAILED'
}
