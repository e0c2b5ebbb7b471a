import { type Duration, toMilliseconds } from '../config/duration.ts'
import { type Clock, systemClock, type Timer, type TimerKind } from './clock.ts'

interface PendingTimer {
  readonly dueMs: number
  readonly sequence: number
  readonly action: () => void
  readonly kind: TimerKind | undefined
  timer: Timer
}

/** A clock that runs with real time and can be put forward. Timers that thereby fall due fire at once, in order. */
export class AdjustableClock implements Clock {
  #aheadMs = 0
  #adjustedMs = 0
  #sequence = 0
  readonly #pending = new Set<PendingTimer>()

  now(): number {
    return systemClock.now() + this.#aheadMs + this.#adjustedMs
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#aheadMs
  }

  /**
   * Moves the time of day forward, or back by a negative number of milliseconds, as an administrator or NTP does.
   * Timers do not notice.
   */
  adjust(byMs: number): void {
    this.#adjustedMs += byMs
  }

  schedule(delayMs: number, action: () => void, kind?: TimerKind): Timer {
    const fire = (): void => {
      this.#pending.delete(pending)
      action()
    }
    const pending: PendingTimer = {
      dueMs: this.monotonic() + Math.max(delayMs, 0),
      sequence: this.#sequence++,
      action: fire,
      kind,
      timer: systemClock.schedule(delayMs, fire, kind),
    }
    this.#pending.add(pending)
    const cancel = (): void => {
      pending.timer.cancel()
      this.#pending.delete(pending)
    }
    return { cancel }
  }

  /** Puts the clock forward. Asynchronous work of the timers continues in the usual way. */
  advance(by: Duration): void {
    this.#aheadMs += toMilliseconds(by, 'advance(by)')
    const nowMs = this.monotonic()
    const due = [...this.#pending].filter(({ dueMs }) => dueMs <= nowMs)
    due.sort((left, right) => left.dueMs - right.dueMs || left.sequence - right.sequence)
    for (const pending of due) {
      // An earlier timer may have cancelled it.
      if (!this.#pending.has(pending)) continue
      pending.timer.cancel()
      pending.action()
    }
    for (const pending of this.#pending) {
      pending.timer.cancel()
      pending.timer = systemClock.schedule(pending.dueMs - nowMs, pending.action, pending.kind)
    }
  }
}
