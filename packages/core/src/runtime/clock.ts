import { clearTimeout, monotonicNow, setTimeout } from './platform-timers.ts'

/** A pending timer. */
export interface Timer {
  /** Stops the timer; does nothing if it has already fired. */
  cancel(): void
}

/**
 * The only source of time in kafkado. Everything that waits or stamps a time gets one, so that a test can pass
 * a clock it advances by hand.
 */
export interface Clock {
  /**
   * The time of day: milliseconds since the epoch. It stamps records and tells ages; it can be set back, so it measures
   * nothing.
   */
  now(): number
  /**
   * Milliseconds since some moment in the past. It never goes back, so it measures how long something takes and when it
   * is due.
   */
  monotonic(): number
  /**
   * Calls `action` once, `delayMs` from now by {@link monotonic}. Unlike a bare timer it waits for delays above 2^31
   * too.
   *
   * @param kind whether the process stays alive for it; default `foreground`
   */
  schedule(delayMs: number, action: () => void, kind?: TimerKind): Timer
}

/**
 * Whether the process stays alive for a timer.
 *
 * - `foreground`: it does, until the timer fires.
 * - `recurring`: it does as well, and the timer is made again for as long as something is open, as a consumer's
 *   heartbeats are. A mock can let the process end that forgot to close it.
 * - `background`: it does not, as for what only tidies up while somebody else works.
 */
export type TimerKind = 'foreground' | 'recurring' | 'background'

const longestDelayMs = 2 ** 31 - 1

/**
 * The real clock of the machine. Fake timers of a test runner do not stop it, as long as they are installed after this
 * package was loaded; a fake `Date` sets its time of day.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: monotonicNow,
  schedule(delayMs, action, kind) {
    const dueMs = monotonicNow() + Math.max(delayMs, 0)
    let handle: ReturnType<typeof setTimeout>
    const wait = (leftMs: number): void => {
      handle = setTimeout(fire, Math.min(Math.ceil(leftMs), longestDelayMs))
      // Browsers have numbers for timers, and nothing that waits for them.
      if (kind === 'background' && typeof handle === 'object') (handle as { unref(): void }).unref()
    }
    // Platforms count whole milliseconds and fire up to one too early; whoever then compares times would find it too
    // early.
    const fire = (): void => {
      const leftMs = dueMs - monotonicNow()
      if (leftMs > 0) wait(leftMs)
      else action()
    }
    wait(Math.max(delayMs, 0))
    return { cancel: () => clearTimeout(handle) }
  },
}

/**
 * Resolves after `delayMs` on the given clock; rejects with the signal's reason as soon as the signal aborts.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error)
      return
    }
    const onAbort = (): void => {
      timer.cancel()
      reject(signal?.reason as Error)
    }
    const timer = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
