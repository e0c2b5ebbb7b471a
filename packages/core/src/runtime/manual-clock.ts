import { type Duration, toMilliseconds } from '../config/duration.ts'
import type { Clock, Timer } from './clock.ts'
import { setImmediate, setTimeout } from './platform-timers.ts'

interface PendingTimer {
  readonly dueMs: number
  readonly sequence: number
  readonly action: () => void
}

/**
 * A clock that stands still until it is advanced. Timers fire in the order of their due times, or for equal due times
 * in the order of their creation. Each sees `now()` at its own due time.
 */
export class ManualClock implements Clock {
  #elapsedMs = 0
  /** The time of day at the start. */
  #originMs: number
  #sequence = 0
  readonly #pending = new Set<PendingTimer>()

  /** @param startMs the initial time in milliseconds since the epoch; default 2026-01-01T00:00:00Z. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#originMs = startMs
  }

  now(): number {
    return this.#originMs + this.#elapsedMs
  }

  monotonic(): number {
    return this.#elapsedMs
  }

  /**
   * Moves the time of day forward, or back by a negative number of milliseconds, as an administrator or NTP does.
   * Timers do not notice.
   */
  adjust(byMs: number): void {
    this.#originMs += byMs
  }

  /** The number of waiting timers: a test can check that `close()` left none behind. */
  get pendingTimers(): number {
    return this.#pending.size
  }

  schedule(delayMs: number, action: () => void): Timer {
    // Clocks show whole milliseconds, and a timer never fires too early.
    const dueMs = this.#elapsedMs + Math.ceil(Math.max(delayMs, 0))
    const timer: PendingTimer = { dueMs, sequence: this.#sequence++, action }
    this.#pending.add(timer)
    return { cancel: () => void this.#pending.delete(timer) }
  }

  /**
   * Moves time forward and fires the timers that fall due on the way, including timers set by other timers. Returns
   * after the last call; asynchronous work that they started continues in the usual microtasks. To run asynchronous
   * work between timers, use {@link advanceAsync}.
   */
  advance(by: Duration): void {
    const target = this.#elapsedMs + toMilliseconds(by, 'advance(by)')
    for (let timer = this.#next(target); timer; timer = this.#next(target)) this.#fire(timer)
    this.#elapsedMs = target
  }

  /** Like {@link advance}, but lets all pending promises and input settle after each timer. */
  async advanceAsync(by: Duration): Promise<void> {
    const target = this.#elapsedMs + toMilliseconds(by, 'advanceAsync(by)')
    await settle()
    for (let timer = this.#next(target); timer; timer = this.#next(target)) {
      this.#fire(timer)
      await settle()
    }
    this.#elapsedMs = target
    await settle()
  }

  #next(targetMs: number): PendingTimer | undefined {
    let earliest: PendingTimer | undefined
    for (const timer of this.#pending) {
      if (timer.dueMs > targetMs) continue
      if (
        !earliest ||
        timer.dueMs < earliest.dueMs ||
        (timer.dueMs === earliest.dueMs && timer.sequence < earliest.sequence)
      )
        earliest = timer
    }
    return earliest
  }

  #fire(timer: PendingTimer): void {
    this.#pending.delete(timer)
    this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs)
    timer.action()
  }
}

/** One macrotask turn: every promise that needs no time settles in it. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    // Node's setImmediate does not wait for the next millisecond, so days with many timers pass quickly.
    if (setImmediate) setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}
