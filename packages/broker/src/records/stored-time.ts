import type { Clock } from '@kafkado/core'

/**
 * Converts a stored time of day to the monotonic clock, so that ages and time limits are not affected when the clock is
 * set while the engine runs. A time in the future, after the clock was set back before a restart, counts as now.
 */
export function momentOf(clock: Clock, timeOfDayMs: number): number {
  return clock.monotonic() - Math.max(clock.now() - timeOfDayMs, 0)
}
