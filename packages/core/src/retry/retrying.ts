import { hasUnknownOutcome } from '../errors/kafka-error.ts'
import { errorOfAttempts } from '../errors/with-outcome.ts'
import { sleep } from '../runtime/clock.ts'
import type { Clock } from '../runtime/clock.ts'

export interface Attempts {
  readonly clock: Clock
  /** Ends a wait between attempts with its reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Says after an attempt that failed what comes before the next one: so many milliseconds, or what is to be waited
   * for; `undefined` where there is none. It may throw what is to be told in place of the error.
   *
   * @param mayBeDone whether one of the attempts may have been carried out
   */
  readonly next: (error: unknown, attempt: number, mayBeDone: boolean) => number | Promise<unknown> | undefined
}

/**
 * Tries until it succeeds or another attempt does not help: the one loop of all that is tried again at once. What goes
 * on for ever by itself, as fetching and heartbeats do, has a plan of its own and takes its waits from `patience`.
 *
 * @throws the last error; when one of the attempts may have been carried out, it says so
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
