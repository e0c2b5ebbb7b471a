import { sleep } from '@kafkado/core/internal'
import type { Clock } from '@kafkado/core'
import type { ConsumerSettings } from '../settings/consumer-config.ts'

/** The share of the time that is reserved for the last commit and for leaving, and its maximum. */
const reserved = 1 / 4
const mostReservedMs = 5000

/**
 * Divides the time of a `close()`. The last commit and leaving the group have their share, however long handlers and
 * listeners take. Time that one step leaves unused goes to the next.
 */
export class CloseBudget {
  /** Aborts when the wait for handlers, listeners and transactions ends. */
  readonly work: AbortSignal
  /** Aborts when the wait for listeners that hear of the end is over. */
  readonly listeners: AbortSignal
  /** Aborts when the wait for the last commit ends. */
  readonly commit: AbortSignal
  /** Aborts when the wait for the answer to a running heartbeat ends. */
  readonly answer: AbortSignal
  /** Aborts when all the time is over. */
  readonly leave: AbortSignal
  readonly #ended = new AbortController()

  constructor({ runtime: { clock }, closeTimeoutMs }: ConsumerSettings) {
    const reservedMs = Math.min(closeTimeoutMs * reserved, mostReservedMs)
    this.work = this.#after(clock, closeTimeoutMs - reservedMs)
    this.listeners = this.#after(clock, closeTimeoutMs - (reservedMs * 3) / 4)
    this.commit = this.#after(clock, closeTimeoutMs - reservedMs / 2)
    this.answer = this.#after(clock, closeTimeoutMs - reservedMs / 4)
    this.leave = this.#after(clock, closeTimeoutMs)
  }

  /** Clears all timers: nobody waits any more. */
  end(): void {
    this.#ended.abort()
  }

  #after(clock: Clock, delayMs: number): AbortSignal {
    const deadline = new AbortController()
    const expire = (): void => deadline.abort(new Error('closeTimeout is over'))
    sleep(clock, delayMs, this.#ended.signal).then(expire, () => undefined)
    return deadline.signal
  }
}
