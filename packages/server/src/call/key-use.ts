import { type Clock, QuotaExceededError } from '@kafkado/core'
import type { Limits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** How much a key may owe before its requests are refused. Answers tell it before. */
const owedMs = 1000
const owedByHeartbeatsMs = 10_000

type Rate = 'maxRequestsPerSecondPerKey' | 'maxBytesPerSecondPerKey'

/** What one key holds and uses. */
export class KeyUse {
  tickets = 0
  longPolls = 0
  heldBytes = 0
  readonly #requests: TokenBucket | undefined
  readonly #bytes: TokenBucket | undefined

  constructor({ maxRequestsPerSecondPerKey, maxBytesPerSecondPerKey }: Limits, clock: Clock) {
    if (maxRequestsPerSecondPerKey > 0) this.#requests = new TokenBucket(maxRequestsPerSecondPerKey, clock)
    if (maxBytesPerSecondPerKey > 0) this.#bytes = new TokenBucket(maxBytesPerSecondPerKey, clock)
  }

  /** Whether it could be forgotten without a difference. */
  get isIdle(): boolean {
    return this.tickets === 0 && this.#requests?.isFull !== false && this.#bytes?.isFull !== false
  }

  /** @throws QuotaExceededError when the key owes too much */
  spendRequest(isHeartbeat: boolean): void {
    const mostMs = isHeartbeat ? owedByHeartbeatsMs : owedMs
    requireRate(this.#requests, 'maxRequestsPerSecondPerKey', mostMs)
    requireRate(this.#bytes, 'maxBytesPerSecondPerKey', mostMs)
    this.#requests?.take(1)
  }

  spendBytes(count: number): void {
    this.#bytes?.take(count)
  }

  /** How long the key should pause once it has got `more` bytes. */
  throttleTimeMs(more: number): number {
    return Math.max(this.#requests?.owedMs() ?? 0, this.#bytes?.owedMs(more) ?? 0)
  }
}

function requireRate(bucket: TokenBucket | undefined, option: Rate, mostMs: number): void {
  const retryAfterMs = bucket?.owedMs() ?? 0
  if (retryAfterMs <= mostMs) return
  const what = option === 'maxBytesPerSecondPerKey' ? 'bytes' : 'requests'
  throw new QuotaExceededError(
    `this key used up its ${what} a second (${option}) and may continue in ${retryAfterMs} ms`,
    { retryAfterMs },
  )
}
