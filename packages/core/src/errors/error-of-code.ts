import { classOfName } from './error-classes.ts'
import { codeOf, errorCodeOf, type KafkaErrorName } from './error-codes.ts'
import { KafkaError, type KafkaErrorOptions, PartitionNotFoundError } from './kafka-error.ts'

export interface ErrorSubject {
  topic?: string | undefined
  partition?: number | undefined
  /** The server's message. Without it, the error's name is the message. */
  detail?: string | null | undefined
}

/**
 * The error object for one of Kafka's codes. It names the topic, partition or group concerned.
 *
 * @param code a number from a response, or the name of an error
 */
export function errorOfCode(
  code: number | KafkaErrorName,
  subject: ErrorSubject = {},
  options: KafkaErrorOptions = {},
): KafkaError {
  const row = errorCodeOf(typeof code === 'number' ? code : codeOf(code))
  const { partition, detail } = subject
  const where = detail && namesSubject(detail, subject) ? '' : placeOf(subject)
  const message = detail ? `${where}${detail} (${row.name})` : `${where}${row.name}`
  const traits: KafkaErrorOptions = {
    kafkaName: row.name,
    retriable: row.retriable,
    outcome: row.outcome,
    ...options,
  }
  if (row.name === 'UNKNOWN_TOPIC_OR_PARTITION' && partition !== undefined)
    return new PartitionNotFoundError(message, traits)
  const named = classOfName[row.name]
  return named ? new named(message, traits) : new KafkaError(message, { code: row.name, ...traits })
}

function placeOf({ topic, partition }: ErrorSubject): string {
  if (topic === undefined) return ''
  return partition === undefined ? `topic '${topic}': ` : `topic '${topic}' partition ${partition}: `
}

/** Whether the server's message already names the topic and partition; if so, do not add them again. */
function namesSubject(detail: string, { topic, partition }: ErrorSubject): boolean {
  if (topic === undefined || !detail.includes(`'${topic}'`)) return false
  return partition === undefined || new RegExp(`partition ${partition}(?!\\d)`).test(detail)
}
