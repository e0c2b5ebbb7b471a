import { errorClassOf } from './error-classes.ts'
import { classCodeOf, KafkaError } from './kafka-error.ts'
import { messageOf } from './message-of.ts'
import { errorLike } from './with-outcome.ts'

/** An error as it passes between threads. A structured clone of an error loses its class, name and fields. */
export interface ThrownMessage {
  readonly name: string
  readonly message: string
  readonly stack?: string | undefined
  readonly cause?: ThrownMessage | undefined
  /** For a KafkaError: the code of its class, and its fields. */
  readonly kafka?: { readonly classCode: string; readonly fields: Readonly<Record<string, unknown>> } | undefined
}

/** The most causes to follow; they may form a circle. */
const mostCauses = 5

/** The message for an error, or for anything else that was thrown. Whatever that was, it can be cloned. */
export function thrownMessageOf(error: unknown, causesLeft = mostCauses): ThrownMessage {
  const message = messageOf(error)
  try {
    return error instanceof Error ? { ...detailsOf(error, causesLeft), message } : { name: 'Error', message }
  } catch {
    return { name: 'Error', message }
  }
}

function detailsOf(error: Error, causesLeft: number): Omit<ThrownMessage, 'message'> {
  const name = String(error.name)
  const stack = typeof error.stack === 'string' ? error.stack : undefined
  const cause = error.cause === undefined || causesLeft === 0 ? undefined : thrownMessageOf(error.cause, causesLeft - 1)
  const kafka = KafkaError.is(error) ? { classCode: classCodeOf(error), fields: copiedFieldsOf(error) } : undefined
  return { name, stack, cause, kafka }
}

/** Leaves out fields that cannot be cloned: a function, a promise, other errors. */
function copiedFieldsOf(error: KafkaError): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(error).filter(([, value]) => !['object', 'function', 'symbol'].includes(typeof value)),
  )
}

/**
 * Restores the error: a KafkaError of the same class with its fields; any other error becomes an Error with the same
 * name.
 *
 * @param classes further classes, in addition to this package's
 */
export function errorOfThrown(thrown: ThrownMessage, classes: readonly { readonly code: string }[] = []): Error {
  const { name, message, stack, kafka } = thrown
  const cause = thrown.cause && errorOfThrown(thrown.cause, classes)
  if (kafka) {
    const { classCode, fields } = kafka
    const errorClass = classes.find(({ code }) => code === classCode) ?? errorClassOf(classCode)
    return named(errorLike(errorClass, fields, { message, cause, stack }), name)
  }
  const error = named(new Error(message, cause && { cause }), name)
  if (stack !== undefined) error.stack = stack
  return error
}

function named<E extends Error>(error: E, name: string): E {
  return Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
}
