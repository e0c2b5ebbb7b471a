import type { Clock } from '@kafkado/core'

/** Looking at the clock each time would be too expensive. */
const itemsBetweenLooks = 16
const longestMs = 4

/**
 * Decides when a loop over buffered records lets other tasks run. Otherwise it would delay heartbeats and arriving
 * records until it has used up everything that was fetched.
 */
export class Breath {
  readonly #clock: Clock
  #items = 0
  #lastMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#lastMs = clock.monotonic()
  }

  /** Call it once per item. */
  isDue(): boolean {
    if (++this.#items % itemsBetweenLooks !== 0) return false
    const nowMs = this.#clock.monotonic()
    if (nowMs - this.#lastMs < longestMs) return false
    this.#lastMs = nowMs
    return true
  }
}
