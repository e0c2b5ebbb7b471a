import type { Clock, Timer } from '@kafkado/core'
import type { Joined } from './open-fetches.ts'

interface Judgement<T> {
  /** Whether an answer brings nothing, so that its leader may be asked again. */
  isEmpty(answer: T): boolean
  /** Whether nobody need wait any more, now that this answer has come as well. */
  isEnough(answer: T): boolean
}

/**
 * Several leaders that wait for records at the same time: over for all of them when those that have answered have
 * enough, or at the end.
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

  /** What a leader answers to a poll, or `otherwise` when the wait was over before. An error ends the wait for all. */
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
        // A poll that was joined may have more time than this one; one of our own the leader itself ends in time.
        const found = await (isOwn ? answer : Promise.race([answer, this.#timeIsUp]))
        if (found === undefined) return otherwise()
        if (this.#judgement.isEnough(found)) this.end()
        // It may also have had less: for what is left of ours the leader is asked once more.
        if (isOwn || this.#isOver || !this.#judgement.isEmpty(found) || this.#clock.monotonic() >= this.#endMs)
          return found
      }
    } catch (error) {
      this.end()
      throw error
    }
  }
}

/** What is left until a moment of the monotonic clock, which has fractions that the protocol has no room for. */
export function wholeMsUntil(endMs: number, clock: Clock): number {
  return Math.max(Math.ceil(endMs - clock.monotonic()), 0)
}
