import type { Punctuation } from '../processors/processor.ts'

interface Scheduled {
  dueTime: number
  readonly intervalMs: number
  readonly act: (time: number) => void
}

/**
 * Callbacks at intervals. After a gap each fires once, in the order in which they were due, and stays at the multiples
 * of its interval.
 */
export class Punctuations {
  readonly #scheduled = new Set<Scheduled>()
  #earliest = Infinity

  /** @param firstTime when it is first due */
  schedule(firstTime: number, intervalMs: number, act: (time: number) => void): Punctuation {
    const scheduled = { dueTime: firstTime, intervalMs, act }
    this.#scheduled.add(scheduled)
    this.#earliest = Math.min(this.#earliest, firstTime)
    return {
      cancel: () => {
        this.#scheduled.delete(scheduled)
      },
    }
  }

  /** When the next one is due; Infinity without one. */
  get earliest(): number {
    return this.#earliest
  }

  /** @param stamp the time passed to the callbacks, if they are not scheduled by the time of day */
  fire(time: number, stamp = time): void {
    if (time < this.#earliest) return
    // A callback may schedule another one, which fires the next time.
    const due = [...this.#scheduled].filter(({ dueTime }) => time >= dueTime)
    due.sort((one, other) => one.dueTime - other.dueTime)
    for (const scheduled of due) {
      const { dueTime, intervalMs, act } = scheduled
      if (!this.#scheduled.has(scheduled)) continue
      scheduled.dueTime = dueTime + (Math.floor((time - dueTime) / intervalMs) + 1) * intervalMs
      act(stamp)
    }
    this.#earliest = Math.min(Infinity, ...[...this.#scheduled].map(({ dueTime }) => dueTime))
  }
}
