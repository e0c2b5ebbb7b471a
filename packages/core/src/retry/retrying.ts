import { hasUnknownOutcome } from '../errors/kafka-error.ts'
import { errorOfAttempts } from '../errors/with-outcome.ts'
import { sleep } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'

export interface Attempts {
  readonly clock: Clock
  /** Ends a wait between attempts, with its reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Decides after a failed attempt what comes before the next one: that many milliseconds, or a promise; `undefined`
   * for no further attempt. It may throw an error to report instead.
   *
   * @param mayBeDone whether one of the attempts may have been carried out
   */
  readonly next: (error: unknown, attempt: number, mayBeDone: boolean) => number | Promise<unknown> | undefined
}

/**
 * Tries until it succeeds or another attempt would not help: the only loop for immediate retries. Endless work, such as
 * fetching and heartbeats, has its own plan and takes its waits from `patience`.
 *
 * @throws the last error; it says so if one of the attempts may have been carried out
 */
export async function retrying<T>(
  once: (attempt: number) => T | Promise<T>,
  { clock, signal, next }: Attempts,
): Promise<T> {
  let mayBeDone = false
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(attempt)
    } catch (error) {
      mayBeDone ||= hasUnknownOutcome(error)
      const pause = next(error, attempt, mayBeDone)
      if (pause === undefined) throw errorOfAttempts(error, mayBeDone)
      await (typeof pause === 'number' ? sleep(clock, pause, signal) : pause)
    }
  }
}
