import type { Clock } from '@kafkado/core'

/**
 * The clock, with timers that let the process end while consumers and streams are open. Otherwise a test that forgets
 * to close one would keep a runner such as node:test or jest from ending.
 */
export function releasedClock(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    schedule: (delayMs, action, kind) => clock.schedule(delayMs, action, kind === 'recurring' ? 'background' : kind),
  }
}
