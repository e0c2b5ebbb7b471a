import { refusedArgument, requireInteger } from '../config/arguments.ts'
import { numberField } from '../config/config-fields.ts'
import { KafkaError } from '../errors/kafka-error.ts'
import { type Backoff, backoffOf } from './patience.ts'
import { retrying } from './retrying.ts'
import { inMilliseconds, type RetryOptions } from './with-retry.ts'
import { type Runtime, systemRuntime } from '../runtime/runtime.ts'
import type { Interceptor } from '../transport/interceptor.ts'

export interface RetryInterceptorOptions extends Pick<RetryOptions, 'backoff' | 'maxBackoff' | 'jitter'> {
  /** How often a failed request is retried. Default 3. Raise it for unreliable networks. */
  retries?: number
  /** Clock and randomness, for tests. */
  runtime?: Runtime
}

/**
 * Retries a request that failed as a whole with a retriable error. If the request may have been carried out, only a
 * repeatable operation is retried; any other reports the unknown outcome. `produce` passes untouched, as only its
 * sender retries it.
 *
 * @throws InvalidRequestError when an option is not valid
 */
export function retryInterceptor(options: RetryInterceptorOptions = {}): Interceptor {
  const { retries = 3, jitter = 0, runtime = systemRuntime } = options
  requireInteger(retries, 'retries', 0)
  const { check, expectation } = numberField(0, 1)
  if (!check(jitter)) throw refusedArgument('jitter', expectation, jitter)
  return sendingAgain(retries, inMilliseconds(options), runtime)
}

/** The same, for valid options. */
export function sendingAgain(retries: number, backoff: Backoff, runtime: Runtime): Interceptor {
  const backoffMs = backoffOf(backoff, runtime)
  return (send) => async (operation, request, sendOptions) => {
    if (operation.resentBy === 'sender') return send(operation, request, sendOptions)
    const { signal, timeoutMs = Number.POSITIVE_INFINITY } = sendOptions ?? {}
    const { clock } = runtime
    const startedMs = clock.monotonic()
    const next = (error: unknown, attempt: number): number | undefined => {
      const again =
        attempt <= retries &&
        KafkaError.is(error) &&
        error.retriable &&
        !signal?.aborted &&
        (error.outcome === 'failed' || operation.repeatable(request))
      const delayMs = backoffMs(attempt, error)
      // If the caller's time ends before the next attempt, the error is worth more than the wait.
      return again && clock.monotonic() - startedMs + delayMs < timeoutMs ? delayMs : undefined
    }
    return retrying(() => send(operation, request, sendOptions), { clock, signal, next })
  }
}
