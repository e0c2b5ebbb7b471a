import { KafkaError } from '@kafkado/core'
import { errorOfThrown, type ThrownMessage } from '@kafkado/core/internal'
import { StreamsError } from '../../errors/streams-error.ts'

/**
 * Makes the error that another thread has thrown, with the same class; any error that was not a KafkaError has become
 * one.
 */
export function errorOf(thrown: ThrownMessage): KafkaError {
  const error = errorOfThrown(thrown, [StreamsError])
  if (KafkaError.is(error)) return error
  const { message, cause, stack } = error
  return Object.assign(new KafkaError(message, { code: 'THREAD_FAILED', cause }), { stack })
}
