import { refusedArgument } from '../config/arguments.ts'
import {
  type ConfigField,
  durationField,
  field,
  functionField,
  numberField,
  objectWith,
  runtimeField,
} from '../config/config-fields.ts'
import { type Duration, toMilliseconds } from '../config/duration.ts'
import { type ConfigFields, parseConfig } from '../config/parse-config.ts'
import { sleep } from '../runtime/clock.ts'
import { type Runtime, systemRuntime } from '../runtime/runtime.ts'
import { KafkaError } from './kafka-error.ts'

export interface RetryOptions {
  /** How often the operation is tried in all, the first time included. Default 5. */
  attempts?: number
  /** The wait before the second attempt; it doubles each time. Default 100 ms (Kafka: retry.backoff.ms). */
  backoff?: Duration
  /** The longest wait between two attempts. Default 10 s (Kafka: retry.backoff.max.ms). */
  maxBackoff?: Duration
  /** How much of each wait is left to chance, 0 to 1, so that clients do not come back in step. Default 0.2. */
  jitter?: number
  /** Whether an error is worth another attempt. Default: every error but a KafkaError that says it is not retriable. */
  retryIf?: (error: unknown) => boolean
  /** Stops waiting and rejects with its reason. */
  signal?: AbortSignal
  /** Time and chance, for tests. */
  runtime?: Runtime
}

const jitterField = (): ConfigField => numberField(0, 1)

const fields = (): ConfigFields<RetryOptions> => ({
  attempts: field(
    (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 1),
    'must be a whole number from 1 up, or Infinity',
  ),
  backoff: durationField(),
  maxBackoff: durationField(),
  jitter: jitterField(),
  retryIf: functionField(),
  signal: objectWith('addEventListener', 'throwIfAborted'),
  runtime: runtimeField(),
})

/**
 * Wraps an operation or a record handler so that it is tried again when it fails, with exponential backoff and
 * jitter. The last error is thrown when the attempts are used up.
 *
 * @throws InvalidRequestError when an option is unknown or wrong
 */
export function withRetry<Parameters extends unknown[], Result>(
  operation: (...parameters: Parameters) => Result | Promise<Result>,
  options: RetryOptions = {},
): (...parameters: Parameters) => Promise<Result> {
  const given = parseConfig('withRetry', fields(), options)
  const { attempts = 5, retryIf = isWorthRetrying, signal, runtime = systemRuntime } = given
  const backoffMs = backoffOf(options, runtime)
  return async (...parameters) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await operation(...parameters)
      } catch (error) {
        if (attempt >= attempts || signal?.aborted || !retryIf(error)) throw error
        await sleep(runtime.clock, backoffMs(attempt, error), signal)
      }
    }
  }
}

/**
 * The waits between attempts: exponential from `backoff` to `maxBackoff`, spread by `jitter`, and never shorter than
 * what the server asked for.
 */
export function backoffOf(
  options: Pick<RetryOptions, 'backoff' | 'maxBackoff' | 'jitter'>,
  runtime: Runtime,
): (attempt: number, error: unknown) => number {
  const firstMs = toMilliseconds(options.backoff ?? 100, 'backoff')
  const longestMs = toMilliseconds(options.maxBackoff ?? '10s', 'maxBackoff')
  const { jitter = 0.2 } = options
  const { check, expectation } = jitterField()
  if (!check(jitter)) throw refusedArgument('jitter', expectation, jitter)
  return (attempt, error) => {
    const waitMs = Math.min(firstMs * 2 ** (attempt - 1), longestMs) * (1 + jitter * (2 * runtime.random.next() - 1))
    return Math.max(waitMs, KafkaError.is(error) ? (error.retryAfterMs ?? 0) : 0)
  }
}

function isWorthRetrying(error: unknown): boolean {
  return !KafkaError.is(error) || error.retriable
}
