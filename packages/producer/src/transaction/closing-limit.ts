import type { Clock, KafkaError, Timer } from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'

/**
 * How long a transaction is waited for once its producer is closing: until its own time is over. Before that it has no
 * limit of this kind.
 */
export class ClosingLimit {
  readonly #limit = new AbortController()
  readonly #clock: Clock
  readonly #closing: AbortSignal
  readonly #overMs: number
  readonly #reason: () => KafkaError
  #timer: Timer | undefined

  /**
   * @param closing aborts when the producer is closed
   * @param overMs when the time is over, by the monotonic clock
   * @param reason what the work rejects with then
   */
  constructor(clock: Clock, closing: AbortSignal, overMs: number, reason: () => KafkaError) {
    this.#clock = clock
    this.#closing = closing
    this.#overMs = overMs
    this.#reason = reason
    if (closing.aborted) this.#begin()
    else closing.addEventListener('abort', this.#begin)
  }

  /** Aborts when the producer is closing and the time is over. */
  get signal(): AbortSignal {
    return this.#limit.signal
  }

  /** What the work comes to, unless the time is over before. */
  orOver<T>(running: Promise<T>): Promise<T> {
    return orAborted(running, this.signal)
  }

  /** The transaction has ended, so no timer is left. */
  end(): void {
    this.#timer?.cancel()
    this.#closing.removeEventListener('abort', this.#begin)
  }

  readonly #begin = (): void => {
    this.#timer = this.#clock.schedule(this.#overMs - this.#clock.monotonic(), () => this.#limit.abort(this.#reason()))
  }
}
