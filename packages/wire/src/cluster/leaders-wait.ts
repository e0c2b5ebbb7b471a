import type { Clock, Timer } from '@kafkado/core'
import type { Joined } from './open-fetches.ts'

interface Judgement<T> {
  /** Whether an answer has no records, so that its leader may be asked again. */
  isEmpty(answer: T): boolean
  /** Whether this answer, with the earlier ones, ends the wait for all. */
  isEnough(answer: T): boolean
}

/**
 * Several leaders that wait for records at the same time. The wait ends for all of them when the answers have enough,
 * or at the end of the time.
 */
export class LeadersWait<T> {
  readonly #clock: Clock
  readonly #endMs: number
  readonly #judgement: Judgement<T>
  readonly #over: Promise<void>
  readonly #timeIsUp: Promise<undefined>
  #timer: Timer | undefined
  #isOver = false
  #setOver: () => void = () => undefined

  constructor(clock: Clock, endMs: number, judgement: Judgement<T>) {
    this.#clock = clock
    this.#endMs = endMs
    this.#judgement = judgement
    this.#over = new Promise((resolve) => {
      this.#setOver = resolve
    })
    this.#timeIsUp = new Promise((resolve) => {
      this.#timer = clock.schedule(endMs - clock.monotonic(), () => resolve(undefined))
    })
  }

  /** A leader's answer to a poll, or `otherwise` when the wait ends first. An error ends the wait for all. */
  for(poll: (maxWaitMs: number) => Joined<T>, otherwise: () => T): Promise<T> {
    return Promise.race([this.#poll(poll, otherwise), this.#over.then(otherwise)])
  }

  end(): void {
    this.#isOver = true
    this.#timer?.cancel()
    this.#setOver()
  }

  async #poll(poll: (maxWaitMs: number) => Joined<T>, otherwise: () => T): Promise<T> {
    try {
      for (;;) {
        const { answer, isOwn } = poll(wholeMsUntil(this.#endMs, this.#clock))
        // A shared poll may have more time than this wait; the leader ends our own poll in time.
        const found = await (isOwn ? answer : Promise.race([answer, this.#timeIsUp]))
        if (found === undefined) return otherwise()
        if (this.#judgement.isEnough(found)) this.end()
        // A shared poll may also have had less time: then ask the leader again for the rest of ours.
        if (isOwn || this.#isOver || !this.#judgement.isEmpty(found) || this.#clock.monotonic() >= this.#endMs)
          return found
      }
    } catch (error) {
      this.end()
      throw error
    }
  }
}

/** The time left until a moment of the monotonic clock, in whole milliseconds, as the protocol has no fractions. */
export function wholeMsUntil(endMs: number, clock: Clock): number {
  return Math.max(Math.ceil(endMs - clock.monotonic()), 0)
}
