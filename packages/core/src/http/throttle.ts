import { QuotaExceededError } from '../errors/kafka-error.ts'
import { isObject } from '../config/config-fields.ts'
import type { AnyOperation } from '../protocol/operation.ts'
import { type Clock, sleep } from '../runtime/clock.ts'

/** A group expels members that send none, and servers refuse them last. */
const urgent = 'consumerGroupHeartbeat'

/**
 * The pause that a server asks for by `throttleTimeMs`: as in Kafka since KIP-219, the answer comes at once, and the
 * client waits before its next request. Whoever does not is refused later.
 */
export class Throttle {
  readonly #clock: Clock
  #untilMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes note of an answer. */
  heard(answer: unknown): void {
    const throttleTimeMs = isObject(answer) ? answer['throttleTimeMs'] : undefined
    if (typeof throttleTimeMs === 'number' && throttleTimeMs > 0)
      this.#untilMs = Math.max(this.#untilMs, this.#clock.monotonic() + throttleTimeMs)
  }

  /** Whether a request has to wait now. */
  holds({ name }: AnyOperation): boolean {
    return name !== urgent && this.#untilMs > this.#clock.monotonic()
  }

  /**
   * Waits until the pause is over.
   *
   * @returns for how long it waited, in milliseconds
   * @throws QuotaExceededError when the caller's time would end before; the signal's reason when it aborts
   */
  async pass(timeoutMs: number, signal: AbortSignal): Promise<number> {
    const startMs = this.#clock.monotonic()
    // Another answer may prolong it meanwhile.
    for (let nowMs = startMs; nowMs < this.#untilMs; nowMs = this.#clock.monotonic()) {
      const pauseMs = this.#untilMs - nowMs
      if (nowMs - startMs + pauseMs >= timeoutMs) {
        const detail = `the server asks for a pause of ${Math.ceil(pauseMs)} ms, and the request has ${timeoutMs} ms`
        throw new QuotaExceededError(detail, { retryAfterMs: pauseMs })
      }
      await sleep(this.#clock, pauseMs, signal)
    }
    return this.#clock.monotonic() - startMs
  }
}
