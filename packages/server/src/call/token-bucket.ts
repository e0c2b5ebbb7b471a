import type { Clock } from '@kafkado/core'

/** How much a key may save up: Kafka also measures its quotas over about ten seconds. */
const savedMs = 10_000

/**
 * Measures a rate. Tokens come in evenly, and can be saved up for a while. What is taken beyond them is owed, because
 * its size is known too late to refuse it.
 */
export class TokenBucket {
  readonly #perMs: number
  readonly #clock: Clock
  #tokens: number
  #atMs: number

  constructor(perSecond: number, clock: Clock) {
    this.#perMs = perSecond / 1000
    this.#clock = clock
    this.#tokens = this.#perMs * savedMs
    this.#atMs = clock.monotonic()
  }

  take(count: number): void {
    this.#refill()
    this.#tokens -= count
  }

  /** How long it takes until nothing is owed, after `count` more were taken. */
  owedMs(count = 0): number {
    this.#refill()
    return Math.max(Math.ceil((count - this.#tokens) / this.#perMs), 0)
  }

  get isFull(): boolean {
    this.#refill()
    return this.#tokens >= this.#perMs * savedMs
  }

  #refill(): void {
    const nowMs = this.#clock.monotonic()
    this.#tokens = Math.min(this.#tokens + (nowMs - this.#atMs) * this.#perMs, this.#perMs * savedMs)
    this.#atMs = nowMs
  }
}
