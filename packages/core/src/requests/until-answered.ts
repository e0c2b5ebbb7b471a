import { errorOfAttempts, KafkaError, TimeoutError } from '../errors/kafka-error.ts'
import { backoffOf } from '../errors/with-retry.ts'
import { sleep } from '../runtime/clock.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** How long a caller waits for an answer, over all attempts. */
export interface AnswerLimits {
  readonly runtime: Runtime
  /** The caller's own limit in milliseconds: when it is over, nothing is waited for any more. */
  readonly timeoutMs: number
  /** Ends the waiting at once; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined
  /** The wait before the second attempt in milliseconds; it doubles up to 1 s. Default 100. */
  readonly retryBackoffMs?: number | undefined
}

/** What an attempt gets, to be handed to `transport.send`. */
export interface AttemptLimits {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

const longestBackoffMs = 1000
/** A first attempt gets this part of the time, each further one twice as much: an answer that was lost leaves time to ask again. */
const firstAttempt = 1 / 8
/** Kafka: request.timeout.ms. */
const longestAttemptMs = 30_000
/** With less time left than this nothing is tried any more. */
const shortestAttemptMs = 20

/**
 * Asks again while that may help: as long as errors are retriable and the caller's time is not over. Each attempt is bounded as well, whatever
 * the transport does with its limits.
 *
 * @param what says what is waited for, such as `topic 'orders': its partitions`
 * @param ask makes one attempt
 * @param isWorthwhile whether an error is worth another attempt; default: whether it is retriable
 * @throws TimeoutError when the time is over, with the last problem as its cause. Its outcome, and that of every other error, is `unknown` when
 *   one of the attempts may have been carried out
 */
export async function untilAnswered<T>(
  what: string,
  limits: AnswerLimits,
  ask: (attempt: AttemptLimits) => Promise<T>,
  isWorthwhile: (error: KafkaError) => boolean = ({ retriable }) => retriable,
): Promise<T> {
  const { runtime, timeoutMs, signal, retryBackoffMs = 100 } = limits
  const { clock } = runtime
  const backoffMs = backoffOf({ backoff: retryBackoffMs, maxBackoff: longestBackoffMs }, runtime)
  const deadlineMs = clock.monotonic() + timeoutMs
  let isUnknown = false
  for (let attempt = 1; ; attempt++) {
    const attemptMs = Math.min(timeoutMs * firstAttempt * 2 ** (attempt - 1), longestAttemptMs)
    const limitMs = Math.min(Math.max(attemptMs, shortestAttemptMs), Math.max(deadlineMs - clock.monotonic(), 0))
    try {
      return await bounded(what, limitMs, runtime, signal, ask)
    } catch (error) {
      if (signal?.aborted || !KafkaError.is(error)) throw error
      isUnknown ||= error.outcome === 'unknown'
      if (!isWorthwhile(error)) throw errorOfAttempts(error, isUnknown)
      const leftMs = deadlineMs - clock.monotonic()
      if (leftMs < shortestAttemptMs || (error.retryAfterMs ?? 0) > leftMs)
        throw timeUp(what, timeoutMs, error, isUnknown)
      // Towards the end the waits become shorter, so that what comes up just in time is still found.
      await sleep(clock, Math.max(Math.min(backoffMs(attempt, error), leftMs / 2), error.retryAfterMs ?? 0), signal)
    }
  }
}

/** One attempt, which ends in its time also where a transport takes no notice of limits and signals. */
async function bounded<T>(
  what: string,
  timeoutMs: number,
  { clock }: Runtime,
  signal: AbortSignal | undefined,
  ask: (attempt: AttemptLimits) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const abort = new AbortController()
  const follow = (): void => abort.abort(signal?.reason)
  const timer = clock.schedule(timeoutMs, () =>
    abort.abort(new TimeoutError(`${what}: no answer within ${Math.ceil(timeoutMs)} ms`)),
  )
  signal?.addEventListener('abort', follow)
  try {
    return await new Promise<T>((resolve, reject) => {
      abort.signal.addEventListener('abort', () => reject(abort.signal.reason as Error))
      ask({ signal: abort.signal, timeoutMs }).then(resolve, reject)
    })
  } finally {
    timer.cancel()
    signal?.removeEventListener('abort', follow)
  }
}

function timeUp(what: string, timeoutMs: number, cause: KafkaError, isUnknown: boolean): TimeoutError {
  return new TimeoutError(`${what}: not answered within ${timeoutMs} ms; the last attempt: ${cause.message}`, {
    cause,
    outcome: isUnknown ? 'unknown' : 'failed',
  })
}
