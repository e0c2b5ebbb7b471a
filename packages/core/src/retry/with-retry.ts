import { durationField, field, functionField, numberField, objectWith, runtimeField } from '../config/config-fields.ts'
import { type Duration, toMilliseconds } from '../config/duration.ts'
import { type ConfigFields, parseConfig } from '../config/parse-config.ts'
import { KafkaError } from '../errors/kafka-error.ts'
import { type Runtime, systemRuntime } from '../runtime/runtime.ts'
import { type Backoff, backoffOf } from './patience.ts'
import { retrying } from './retrying.ts'

export interface RetryOptions {
  /**
   * How many attempts to make, including the first. Default 5. Raise it, together with `maxBackoff`, for services that
   * fail for longer.
   */
  attempts?: number
  /**
   * The wait before the second attempt; it doubles each time, and is 1 ms at least. Default 100 ms. Raise it for a
   * service that recovers slowly. Kafka: retry.backoff.ms.
   */
  backoff?: Duration
  /**
   * The longest wait between two attempts. Default 10 s. Lower it when somebody waits for the result; raise it to spare
   * a service that is down for long. Kafka: retry.backoff.max.ms.
   */
  maxBackoff?: Duration
  /**
   * The random share of each wait, 0 to 1, so that clients do not retry in step. Default 0.2. Raise it when many
   * clients fail at the same moment.
   */
  jitter?: number
  /**
   * Whether an error is worth another attempt. Default: every error except a KafkaError that is not retriable. Set it
   * to retry only certain errors.
   */
  retryIf?: (error: unknown) => boolean
  /** Ends the wait; the promise rejects with its reason. */
  signal?: AbortSignal
  /** Clock and randomness, for tests. */
  runtime?: Runtime
}

const fields = (): ConfigFields<RetryOptions> => ({
  attempts: field(
    (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 1),
    'must be a whole number from 1 up, or Infinity',
  ),
  backoff: durationField(),
  maxBackoff: durationField(),
  jitter: numberField(0, 1),
  retryIf: functionField(),
  signal: objectWith('addEventListener', 'throwIfAborted'),
  runtime: runtimeField(),
})

/**
 * Wraps an operation or a record handler so that failures are retried, with exponential backoff and jitter. After the
 * last attempt, its error is thrown.
 *
 * @throws InvalidRequestError when an option is unknown or wrong
 */
export function withRetry<Parameters extends unknown[], Result>(
  operation: (...parameters: Parameters) => Result | Promise<Result>,
  options: RetryOptions = {},
): (...parameters: Parameters) => Promise<Result> {
  const given = parseConfig('withRetry', fields(), options)
  const { attempts = 5, retryIf = isWorthRetrying, signal, runtime = systemRuntime } = given
  const backoffMs = backoffOf(inMilliseconds(given), runtime)
  return (...parameters) =>
    retrying(() => operation(...parameters), {
      clock: runtime.clock,
      signal,
      next: (error, attempt) =>
        attempt >= attempts || signal?.aborted || !retryIf(error) ? undefined : backoffMs(attempt, error),
    })
}

/** The given waits; missing ones keep their defaults. */
export function inMilliseconds({
  backoff,
  maxBackoff,
  jitter,
}: Pick<RetryOptions, 'backoff' | 'maxBackoff' | 'jitter'>): Backoff {
  return {
    backoff: backoff === undefined ? backoff : toMilliseconds(backoff, 'backoff'),
    maxBackoff: maxBackoff === undefined ? maxBackoff : toMilliseconds(maxBackoff, 'maxBackoff'),
    jitter,
  }
}

function isWorthRetrying(error: unknown): boolean {
  return !KafkaError.is(error) || error.retriable
}
