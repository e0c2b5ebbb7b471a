import { KafkaError } from '@kafkado/core'
import { errorOfProblem } from '@kafkado/core/internal'
import { placeOf, StreamsError } from '../../errors/streams-error.ts'
import type { ThrownMessage } from './member-messages.ts'

/** Causes behind this many others are left out; they may go round in a circle. */
const mostCauses = 5

/** An error as it can be copied to another thread. */
export function messageOf(error: unknown, causesLeft: number = mostCauses): ThrownMessage {
  const cause =
    error instanceof Error && error.cause !== undefined && causesLeft > 0
      ? messageOf(error.cause, causesLeft - 1)
      : undefined
  if (KafkaError.is(error)) {
    const { message: detail, code, kafkaCode, retriable, outcome, retryAfterMs, stack } = error
    const place = StreamsError.is(error) ? placeOf(error) : undefined
    return { detail, code, kafkaCode, retriable, outcome, retryAfterMs, stack, place, cause }
  }
  const { message: detail, name, stack } = error instanceof Error ? error : { ...none, message: String(error) }
  return { detail, code: 'THREAD_FAILED', retriable: false, outcome: 'failed', name, stack, cause }
}

const none = { name: undefined, stack: undefined }

/** The error that it was, of the same class; one that was no KafkaError has become one. */
export function errorOf({ stack, place, name: _name, cause: thrown, ...problem }: ThrownMessage): KafkaError {
  const cause = thrown && causeOf(thrown)
  const error = place
    ? new StreamsError(problem.detail, { ...problem, ...place, cause })
    : errorOfProblem({ title: problem.code, status: 500, ...problem })
  if (cause && !place) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  if (stack !== undefined) error.stack = stack
  return error
}

/** What lies behind an error stays what it was. */
function causeOf(message: ThrownMessage): Error {
  const { name, detail, stack, cause } = message
  if (name === undefined) return errorOf(message)
  const error = new Error(detail, cause && { cause: causeOf(cause) })
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  if (stack !== undefined) error.stack = stack
  return error
}
