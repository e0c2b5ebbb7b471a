import { KafkaError } from '@kafkado/core'
import { errorOfProblem } from '@kafkado/core/internal'
import type { ThrownMessage } from './member-messages.ts'

/** An error as it can be copied to another thread. */
export function messageOf(error: unknown): ThrownMessage {
  if (KafkaError.is(error)) {
    const { message: detail, code, kafkaCode, retriable, outcome, retryAfterMs, stack } = error
    return { detail, code, kafkaCode, retriable, outcome, retryAfterMs, stack }
  }
  const [detail, stack] = error instanceof Error ? [error.message, error.stack] : [String(error), undefined]
  return { detail, code: 'THREAD_FAILED', retriable: false, outcome: 'failed', stack }
}

/** The error that it was, of the same class. */
export function errorOf({ stack, ...problem }: ThrownMessage): KafkaError {
  const error = errorOfProblem({ title: problem.code, status: 500, ...problem })
  if (stack !== undefined) error.stack = stack
  return error
}
