import type { Clock, Timer } from '@kafkado/core'

interface Due {
  readonly atMs: number
  readonly action: () => void
}

/** A clock on which nobody waits: when nothing else is left to do, it is the time of the next timer. */
export class HurriedClock implements Clock {
  #nowMs = 1_700_000_000_000
  readonly #timers = new Set<Due>()
  #isPumping = false

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  schedule(delayMs: number, action: () => void): Timer {
    const due = { atMs: this.#nowMs + Math.max(delayMs, 0), action }
    this.#timers.add(due)
    if (!this.#isPumping) this.#pump()
    return { cancel: () => void this.#timers.delete(due) }
  }

  #pump(): void {
    this.#isPumping = true
    // Promises come before it.
    setImmediate(() => {
      this.#isPumping = false
      let next: Due | undefined
      for (const due of this.#timers) if (!next || due.atMs < next.atMs) next = due
      if (!next) return
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.action()
      if (this.#timers.size > 0) this.#pump()
    })
  }
}
