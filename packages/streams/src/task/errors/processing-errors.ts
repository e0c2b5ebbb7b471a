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

/** Whether the error itself says that the server, the storage or the configuration is at fault. */
export function isOfServer(cause: unknown): boolean {
  return KafkaError.is(cause) && !isOfRecord(cause)
}

/**
 * The fault of the server, the storage or the configuration, if there is one, even if an operator has thrown another
 * error for it.
 */
export function faultOfServer(cause: unknown): KafkaError | undefined {
  for (const one of causesOf(cause)) {
    if (isOfRecord(one)) return undefined
    if (KafkaError.is(one)) return one
  }
  return undefined
}

/** The kind of an error before any operator: only reading the record comes before. */
export function kindBeforeOperators(error: unknown): ErrorKind {
  return SerializationError.is(error) && !(error instanceof StoreError) ? 'deserialization' : 'processing'
}

/** A failure and its place. */
export interface Failure {
  readonly kind: ErrorKind
  readonly cause: unknown
  /** Undefined for a global table. */
  readonly task: string | undefined
  readonly operator: string | undefined
  readonly record: KafkaRecord<unknown, unknown> | undefined
  /** The topic of a refused result. */
  readonly output?: string | undefined
}

const what: Readonly<Record<ErrorKind, string>> = {
  deserialization: 'reading failed',
  processing: 'processing failed',
  production: 'writing failed',
}

/**
 * The error that ends the application, or goes into the headers of a dead letter. It has everything known about its
 * place.
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
