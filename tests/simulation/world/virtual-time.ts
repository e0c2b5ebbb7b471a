import type { Timer } from '@kafkado/core'

interface Event {
  readonly dueMs: number
  readonly sequence: number
  readonly action: () => void
  isCancelled: boolean
}

/** Virtual time goes on without an end only when nothing ends any more. */
const mostEvents = 400_000

/**
 * The one time of a simulated world. It stands still while anything can go on without it, then jumps to what is due
 * next; what is due at the same time happens in the order in which it was scheduled. So a run depends on nothing but
 * its plan.
 */
export class VirtualTime {
  #nowMs = 0
  #sequence = 0
  #happened = 0
  /** A heap: no event is due before the one at half its index. */
  readonly #events: Event[] = []

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs
  }

  schedule(delayMs: number, action: () => void): Timer {
    const dueMs = this.#nowMs + Math.ceil(Math.max(delayMs, 0))
    const event: Event = { dueMs, sequence: this.#sequence++, action, isCancelled: false }
    this.#push(event)
    return {
      cancel: () => {
        event.isCancelled = true
      },
    }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.schedule(delayMs, resolve))
  }

  /** Lets time go on until the promise settles, or for so long. Resolves to whether it has settled. */
  async until(promise: Promise<unknown>, atMostMs: number): Promise<boolean> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    const endMs = this.#nowMs + atMostMs
    await turn()
    while (!isSettled) {
      const next = this.#next()
      if (!next || next.dueMs > endMs) {
        this.#nowMs = endMs
        return false
      }
      await this.#fire(next)
    }
    return true
  }

  async advance(byMs: number): Promise<void> {
    await this.until(new Promise(() => undefined), byMs)
  }

  #next(): Event | undefined {
    while (this.#events[0]?.isCancelled) this.#pop()
    return this.#events[0]
  }

  async #fire(event: Event): Promise<void> {
    this.#pop()
    if (++this.#happened > mostEvents) throw new Error(`more than ${mostEvents} events: something goes in a circle`)
    this.#nowMs = event.dueMs
    event.action()
    await turn()
  }

  #push(event: Event): void {
    const events = this.#events
    let index = events.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(event, events[parent] as Event)) break
      events[index] = events[parent] as Event
      index = parent
    }
    events[index] = event
  }

  #pop(): void {
    const events = this.#events
    const last = events.pop() as Event
    if (events.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= events.length) break
      if (child + 1 < events.length && isBefore(events[child + 1] as Event, events[child] as Event)) child++
      if (!isBefore(events[child] as Event, last)) break
      events[index] = events[child] as Event
      index = child
    }
    events[index] = last
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.sequence < right.sequence)
}

/** Everything that can go on without time has gone on: promises, and what asked for a turn of the event loop before. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
