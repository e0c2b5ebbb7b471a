import type { Clock, KafkaError, Timer } from '@kafkado/core'
import { orAborted } from '@kafkado/core/internal'

/**
 * Limits the wait for a transaction once its producer is closing: until the transaction's timeout, or until the
 * producer's own time is over. While the producer is open there is no such limit.
 */
export class ClosingLimit {
  readonly #limit = new AbortController()
  readonly #clock: Clock
  readonly #closing: AbortSignal
  readonly #overMs: () => number
  readonly #reason: () => KafkaError
  #timer: Timer | undefined

  /**
   * @param closing aborts when the producer is closed
   * @param overMs asked when the producer is closing: the end of the time, by the monotonic clock
   * @param reason the error that the work then rejects with
   */
  constructor(clock: Clock, closing: AbortSignal, overMs: () => number, reason: () => KafkaError) {
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

  /** The result of the work, unless the time is over before. */
  orOver<T>(running: Promise<T>): Promise<T> {
    return orAborted(running, this.signal)
  }

  /** The transaction has ended: clears the timer. */
  end(): void {
    this.#timer?.cancel()
    this.#closing.removeEventListener('abort', this.#begin)
  }

  readonly #begin = (): void => {
    const leftMs = this.#overMs() - this.#clock.monotonic()
    const expire = (): void => this.#limit.abort(this.#reason())
    if (leftMs > 0) this.#timer = this.#clock.schedule(leftMs, expire)
    else expire()
  }
}
