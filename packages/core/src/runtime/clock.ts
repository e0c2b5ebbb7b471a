import { clearTimeout, monotonicNow, setTimeout } from './platform-timers.ts'

/** A pending timer. */
export interface Timer {
  /** Stops the timer; does nothing if it has already fired. */
  cancel(): void
}

/**
 * The only source of time in kafkado. Everything that waits or stamps a time receives one, so that a test can pass a
 * clock that it advances by hand.
 */
export interface Clock {
  /**
   * The time of day: milliseconds since the epoch. Use it to stamp records and to compute their age. It can be set
   * back, so do not measure durations with it.
   */
  now(): number
  /**
   * Milliseconds since some moment in the past. It never goes back: use it to measure how long something takes and when
   * it is due.
   */
  monotonic(): number
  /**
   * Calls `action` once, `delayMs` from now by {@link monotonic}. Unlike a bare timer, it also handles delays above
   * 2^31.
   *
   * @param kind whether it keeps the process alive; default `foreground`
   */
  schedule(delayMs: number, action: () => void, kind?: TimerKind): Timer
}

/**
 * Whether a timer keeps the process alive.
 *
 * - `foreground`: yes, until it fires.
 * - `recurring`: yes, and it is set again while something is open, as for a consumer's heartbeats. A mock can let a
 *   process end that forgot to close it.
 * - `background`: no, for work that only tidies up.
 */
export type TimerKind = 'foreground' | 'recurring' | 'background'

const longestDelayMs = 2 ** 31 - 1

/**
 * The real clock of the machine. A test runner's fake timers do not stop it if they are installed after this package
 * was loaded; a fake `Date` sets its time of day.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: monotonicNow,
  schedule(delayMs, action, kind) {
    const dueMs = monotonicNow() + Math.max(delayMs, 0)
    let handle: ReturnType<typeof setTimeout>
    const wait = (leftMs: number): void => {
      handle = setTimeout(fire, Math.min(Math.ceil(leftMs), longestDelayMs))
      // In browsers a timer is a number, and no timer keeps the page open.
      if (kind === 'background' && typeof handle === 'object') (handle as { unref(): void }).unref()
    }
    // Platforms count whole milliseconds and fire up to one too early. A caller that compares times would then find
    // itself too early.
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
