import { KafkaError, TimeoutError } from '../errors/kafka-error.ts'
import { bounded } from '../runtime/bounded.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { backoffOf, firstAttemptPart, longestAttemptMs, patienceOfRequests, shortestAttemptMs } from './patience.ts'
import { retrying } from './retrying.ts'

/** How long a caller waits for an answer, over all attempts. */
export interface AnswerLimits {
  readonly runtime: Runtime
  /** The caller's own limit in milliseconds: all waiting ends then. */
  readonly timeoutMs: number
  /** Ends the wait at once; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined
  /** The wait before the second attempt in milliseconds; it doubles up to 1 s. Default 100. */
  readonly retryBackoffMs?: number | undefined
  /** Called with the reason of each failed attempt, for callers who may have to report it before the time is over. */
  readonly onFailed?: ((reason: KafkaError) => void) | undefined
}

/** The limits of one attempt, to pass to `transport.send`. */
export interface AttemptLimits {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/**
 * Retries while that may help: errors are retriable and the caller's time is not over. Each attempt is bounded too,
 * even if the transport ignores its limits.
 *
 * @param what names the awaited answer, such as `topic 'orders': its partitions`
 * @param ask makes one attempt
 * @param isWorthwhile whether an error is worth another attempt; default: whether it is retriable
 * @throws TimeoutError when the time is over, with the last problem as its cause. Its outcome, and that of every other
 *   error, is `unknown` when one of the attempts may have been carried out
 */
export async function untilAnswered<T>(
  what: string,
  limits: AnswerLimits,
  ask: (attempt: AttemptLimits) => Promise<T>,
  isWorthwhile: (error: KafkaError) => boolean = ({ retriable }) => retriable,
): Promise<T> {
  const { runtime, timeoutMs, signal, retryBackoffMs, onFailed } = limits
  const { clock } = runtime
  const backoffMs = backoffOf({ ...patienceOfRequests, backoff: retryBackoffMs }, runtime)
  const deadlineMs = clock.monotonic() + timeoutMs
  let reason: KafkaError | undefined
  let wasCutShort = false
  const once = (attempt: number): Promise<T> => {
    const attemptMs = Math.min(timeoutMs * firstAttemptPart * 2 ** (attempt - 1), longestAttemptMs)
    const wholeMs = Math.max(attemptMs, shortestAttemptMs)
    const limitMs = Math.min(wholeMs, Math.max(deadlineMs - clock.monotonic(), 0))
    wasCutShort = limitMs < wholeMs
    const timedOut = (): Error => new TimeoutError(`${what}: no answer within ${Math.ceil(limitMs)} ms`)
    const bounds = { clock, timeoutMs: limitMs, timedOut, signals: [signal] }
    return bounded((over) => ask({ signal: over, timeoutMs: limitMs }), bounds)
  }
  const next = (error: unknown, attempt: number, mayBeDone: boolean): number | undefined => {
    if (signal?.aborted || !KafkaError.is(error)) throw error
    if (!isWorthwhile(error)) return undefined
    // An attempt with too little time left says less than the one before it.
    if (!reason || !wasCutShort || !TimeoutError.is(error)) reason = error
    onFailed?.(reason)
    const leftMs = deadlineMs - clock.monotonic()
    if (leftMs < shortestAttemptMs || (error.retryAfterMs ?? 0) > leftMs)
      throw timeUp(what, timeoutMs, reason, mayBeDone)
    // Near the end the waits become shorter, to catch a server that comes up just in time.
    return Math.max(Math.min(backoffMs(attempt, error), leftMs / 2), error.retryAfterMs ?? 0)
  }
  return retrying(once, { clock, signal, next })
}

function timeUp(what: string, timeoutMs: number, cause: KafkaError, isUnknown: boolean): TimeoutError {
  return new TimeoutError(`${what}: not answered within ${timeoutMs} ms; the last attempt: ${cause.message}`, {
    cause,
    outcome: isUnknown ? 'unknown' : 'failed',
  })
}
