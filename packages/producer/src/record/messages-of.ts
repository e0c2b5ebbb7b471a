import { InvalidRequestError, type Message } from '@kafkado/core'
import { isObject, showTyped } from '@kafkado/core/internal'

/** A message's fields other than its value. */
export type RecordOptions<K = string> = Omit<Message<unknown, K>, 'value'>

/** The error for a key, or anything else, in the place of a record's options. Spreading it would lose it silently. */
export function notOptions(topic: string, given: unknown): InvalidRequestError {
  return new InvalidRequestError(
    `topic '${topic}': give key, headers and the like of a record as an object, such as { key: 'a' }, ` +
      `got ${showTyped(given)}`,
  )
}

/** The error for an argument that `sendBatch` cannot take. */
export function notList(topic: string, given: unknown): InvalidRequestError {
  return new InvalidRequestError(
    `topic '${topic}': sendBatch needs a list of values or of messages, got ${showTyped(given)}`,
  )
}

const messageField = /^(value|key|headers|partition|timestamp)$/

/**
 * The arguments of `sendBatch` as messages. They count as messages when every one is an object with `value` and only
 * fields of a message. A hole in the list counts as an undefined value.
 */
export function messagesOf<V, K>(batch: readonly (V | Message<V, K>)[]): readonly Message<V, K>[] {
  const whole = Array.from<unknown>(batch)
  if (whole.every(isMessage)) return whole as Message<V, K>[]
  return (whole as V[]).map((value) => ({ value }))
}

function isMessage(candidate: unknown): boolean {
  return (
    isObject(candidate) && 'value' in candidate && Object.keys(candidate).every((field) => messageField.test(field))
  )
}
