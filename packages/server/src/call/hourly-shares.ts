import { type Clock, QuotaExceededError } from '@kafkado/core'

const hourMs = 3_600_000

/** Keys whose share is full again are forgotten when there are more than this. */
const mostShares = 10_000

/** What a key may still make, at a moment of the monotonic clock. It grows until the hour's share is full again. */
interface Share {
  left: number
  atMs: number
}

/** What each key may make in an hour, of things that stay when their maker is gone. */
export class HourlyShares {
  readonly #most: number
  readonly #clock: Clock
  readonly #what: string
  readonly #option: string
  readonly #shares = new Map<string, Share>()

  /** @param what the things, in the plural; the option says how many of them */
  constructor(most: number, clock: Clock, what: string, option: string) {
    this.#most = most
    this.#clock = clock
    this.#what = what
    this.#option = option
  }

  /**
   * Takes so many from the share of the key.
   *
   * @returns gives back what was not made of them
   * @throws QuotaExceededError when the key has made as much as it may
   */
  take(keyId: string, count: number): (unused: number) => void {
    const share = this.#shareOf(keyId)
    if (share.left < count) throw this.#exceeded(share, count)
    share.left -= count
    return (unused) => {
      share.left = Math.min(share.left + unused, this.#most)
    }
  }

  #shareOf(keyId: string): Share {
    const nowMs = this.#clock.monotonic()
    if (this.#shares.size > mostShares)
      for (const [id, { left, atMs }] of this.#shares)
        if (left + this.#grownIn(nowMs - atMs) >= this.#most) this.#shares.delete(id)
    const share = this.#shares.get(keyId) ?? { left: this.#most, atMs: nowMs }
    share.left = Math.min(share.left + this.#grownIn(nowMs - share.atMs), this.#most)
    share.atMs = nowMs
    this.#shares.set(keyId, share)
    return share
  }

  #grownIn(elapsedMs: number): number {
    return (this.#most * elapsedMs) / hourMs
  }

  #exceeded({ left }: Share, count: number): Error {
    const detail =
      `this key may make ${this.#most} ${this.#what} in an hour (${this.#option}); ` +
      `${Math.floor(left)} are left, and the request makes up to ${count}`
    if (count > this.#most) return new QuotaExceededError(detail, { retriable: false })
    return new QuotaExceededError(detail, { retryAfterMs: Math.ceil(((count - left) * hourMs) / this.#most) })
  }
}
