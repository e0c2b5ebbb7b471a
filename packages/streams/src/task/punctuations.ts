import type { Punctuation } from '../processors/processor.ts'

interface Scheduled {
  dueTime: number
  readonly intervalMs: number
  readonly act: (time: number) => void
}

/**
 * Callbacks that are due every so often. After a gap they fire once, in the order in which they were due, and stay at
 * the multiples of their interval.
 */
export class Punctuations {
  readonly #scheduled = new Set<Scheduled>()
  #earliest = Infinity

  /** @param firstTime when it is due for the first time */
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

  /** @param stamp the time that they are told, where what they are scheduled by is not the time of day */
  fire(time: number, stamp = time): void {
    if (time < this.#earliest) return
    // One of them may schedule another, whose turn is the next time.
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
