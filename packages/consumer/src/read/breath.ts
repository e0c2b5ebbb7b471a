import type { Clock } from '@kafkado/core'

/** Looking at the clock each time would cost more than it brings. */
const itemsBetweenLooks = 16
const longestMs = 4

/**
 * When a loop over records that are there already lets others have their turn. Without that it would hold up
 * heartbeats, and the records that are on their way, until all that was fetched is used up.
 */
export class Breath {
  readonly #clock: Clock
  #items = 0
  #lastMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#lastMs = clock.monotonic()
  }

  /** Is asked once an item. */
  isDue(): boolean {
    if (++this.#items % itemsBetweenLooks !== 0) return false
    const nowMs = this.#clock.monotonic()
    if (nowMs - this.#lastMs < longestMs) return false
    this.#lastMs = nowMs
    return true
  }
}
