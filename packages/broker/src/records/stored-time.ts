import type { Clock } from '@kafkado/core'

/**
 * The moment of the monotonic clock at which a time of day was that the storage kept, so that ages and what is left of
 * a time limit do not notice a clock that is set while the engine runs. One that seems to lie in the future, because
 * the clock was set back before a restart, counts as now.
 */
export function momentOf(clock: Clock, timeOfDayMs: number): number {
  return clock.monotonic() - Math.max(clock.now() - timeOfDayMs, 0)
}
