import { requireInteger } from '../config/arguments.ts'
import { backoffOf, type RetryOptions } from '../errors/with-retry.ts'
import { errorOfAttempts, KafkaError } from '../errors/kafka-error.ts'
import { sleep } from '../runtime/clock.ts'
import { type Runtime, systemRuntime } from '../runtime/runtime.ts'
import type { Interceptor } from './interceptor.ts'

export interface RetryInterceptorOptions extends Pick<RetryOptions, 'backoff' | 'maxBackoff' | 'jitter'> {
  /** How often a failed request is sent again. Default 3. */
  retries?: number
  /** Time and chance, for tests. */
  runtime?: Runtime
}

/**
 * Sends a request again when it failed as a whole and the error is retriable. When it may have been carried out all
 * the same, only an operation that is repeatable is sent again: anything else reports the unknown outcome.
 *
 * @throws InvalidRequestError when an option is not valid
 */
export function retryInterceptor(options: RetryInterceptorOptions = {}): Interceptor {
  const { retries = 3, runtime = systemRuntime } = options
  requireInteger(retries, 'retries', 0)
  const backoffMs = backoffOf(options, runtime)
  return (next) => async (operation, request, sendOptions) => {
    let isUnknown = false
    for (let attempt = 1; ; attempt++) {
      try {
        return await next(operation, request, sendOptions)
      } catch (error) {
        isUnknown ||= KafkaError.is(error) && error.outcome === 'unknown'
        const again =
          attempt <= retries &&
          KafkaError.is(error) &&
          error.retriable &&
          !sendOptions?.signal?.aborted &&
          (error.outcome === 'failed' || operation.repeatable(request))
        if (!again) throw errorOfAttempts(error, isUnknown)
        await sleep(runtime.clock, backoffMs(attempt, error), sendOptions?.signal)
      }
    }
  }
}
