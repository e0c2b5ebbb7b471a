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
  /** Milliseconds since the epoch. */
  now(): number
  /**
   * Calls `action` once, `delayMs` from now. Unlike a bare timer it never throws for a delay above 2^31.
   *
   * @param kind a `background` timer does not keep the process alive; default `foreground`
   */
  schedule(delayMs: number, action: () => void, kind?: TimerKind): Timer
}

/** Whether the process stays alive for a timer: not for what only tidies up while somebody else works. */
export type TimerKind = 'foreground' | 'background'

const longestDelayMs = 2 ** 31 - 1

/** The real clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, action, kind) {
    const handle = setTimeout(action, Math.min(Math.ceil(Math.max(delayMs, 0)), longestDelayMs))
    // Browsers have numbers for timers, and nothing that waits for them.
    if (kind === 'background' && typeof handle === 'object') (handle as { unref(): void }).unref()
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
