import type { Clock, Timer } from '@kafkado/core'
import type { VirtualTime } from './virtual-time.ts'

/**
 * The clock and the event loop of one simulated process. Its time of day can be set; it can stop, as a process does
 * that is suspended or whose loop is blocked, and go on later; and it can die, after which nothing happens in it any
 * more.
 */
export class ProcessClock implements Clock {
  readonly #time: VirtualTime
  readonly #startedMs: number
  readonly #rate: number
  #originMs: number
  #held: (() => void)[] | undefined
  #isDead = false

  /**
   * @param originMs the time of day at the beginning of the world, as this process has it
   * @param rate how fast its time goes by: a crystal is never quite right
   */
  constructor(time: VirtualTime, originMs: number, rate: number) {
    this.#time = time
    this.#originMs = originMs
    this.#rate = rate
    this.#startedMs = time.nowMs
  }

  get isDead(): boolean {
    return this.#isDead
  }

  get originMs(): number {
    return this.#originMs
  }

  now(): number {
    return this.#originMs + Math.floor(this.#time.nowMs * this.#rate)
  }

  monotonic(): number {
    return (this.#time.nowMs - this.#startedMs) * this.#rate
  }

  schedule(delayMs: number, action: () => void): Timer {
    let isCancelled = false
    const due = (): void => {
      if (!isCancelled) action()
    }
    // What is rounded must not fire a timer early.
    const trueMs = this.#rate === 1 ? delayMs : delayMs / this.#rate + 1e-6
    const timer = this.#time.schedule(trueMs, () => this.enter(due))
    return {
      cancel: () => {
        isCancelled = true
        timer.cancel()
      },
    }
  }

  /** Sets the time of day forward, or back by a negative number. No timer notices. */
  adjust(byMs: number): void {
    this.#originMs += byMs
  }

  /** Lets something happen in this process: at once, when it goes on again, or never. */
  enter(action: () => void): void {
    if (this.#isDead) return
    if (this.#held) this.#held.push(action)
    else action()
  }

  stop(): void {
    this.#held ??= []
  }

  /** What was due meanwhile happens now, one after the other. */
  goOn(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const action of held) this.#time.schedule(0, () => this.enter(action))
  }

  die(): void {
    this.#isDead = true
    this.#held = undefined
  }
}
