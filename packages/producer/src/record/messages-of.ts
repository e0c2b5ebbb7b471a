import { InvalidRequestError, type Message } from '@kafkado/core'
import { isObject, showTyped } from '@kafkado/core/internal'

/** What belongs to a record besides its value. */
export type RecordOptions<K = string> = Omit<Message<unknown, K>, 'value'>

/**
 * The error for a key, or whatever else, that was given where the options of a record belong. Spread, it would be lost
 * without a word.
 */
export function notOptions(topic: string, given: unknown): InvalidRequestError {
  return new InvalidRequestError(
    `topic '${topic}': give key, headers and the like of a record as an object, such as { key: 'a' }, got ` +
      `${showTyped(given)}`,
  )
}

/** The error for what `sendBatch` cannot take. */
export function notList(topic: string, given: unknown): InvalidRequestError {
  return new InvalidRequestError(
    `topic '${topic}': sendBatch needs a list of values or of messages, got ${showTyped(given)}`,
  )
}

const messageField = /^(value|key|headers|partition|timestamp)$/

/**
 * What `sendBatch` was given, as messages. They are taken for messages when every one is an object that has `value` and
 * nothing but what a message may have. A hole of the list is a value that is undefined.
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
