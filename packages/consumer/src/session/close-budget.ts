import { sleep } from '@kafkado/core/internal'
import type { Clock } from '@kafkado/core'
import type { ConsumerSettings } from '../settings/consumer-config.ts'

/** The last commit and leaving get this part of the time, at most so long. */
const reserved = 1 / 4
const mostReservedMs = 5000

/**
 * How the time of a `close()` is divided, so that the last commit and leaving the group have theirs, however long
 * handlers and listeners take. What is not needed is there for what follows.
 */
export class CloseBudget {
  /** Aborts when handlers, listeners and transactions are not waited for any more. */
  readonly work: AbortSignal
  /** Aborts when listeners that are told of the end are not. */
  readonly listeners: AbortSignal
  /** Aborts when the last commit is not. */
  readonly commit: AbortSignal
  /** Aborts when the answer to a heartbeat that is under way is not. */
  readonly answer: AbortSignal
  /** Aborts when the time is over. */
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

  /** Nothing is waited for any more. */
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
