import type { Clock } from '@kafkado/core'
import type { ConnectionUse } from '../exchange/exchange.ts'
import { overloaded } from '../exchange/refusal.ts'
import { KeyUse } from './key-use.ts'
import type { Limits } from './limits.ts'
import { Ticket, type TotalUse } from './ticket.ts'

/** With more keys than that, those are forgotten that use nothing. */
const mostIdleKeys = 10_000

/** Counts the requests under way, and refuses those beyond the limits. */
export class Admission {
  readonly #use: TotalUse
  readonly #clock: Clock
  readonly #keys = new Map<string, KeyUse>()

  constructor(limits: Limits, clock: Clock) {
    this.#use = { limits, requests: 0, heldBytes: 0 }
    this.#clock = clock
  }

  /**
   * Admits a request.
   *
   * @param isHeartbeat heartbeats are refused last, because a group expels members that send none
   * @throws Refusal with 503 when too many are under way
   */
  enter(isHeartbeat: boolean, connection: ConnectionUse | undefined): Ticket {
    const { limits, requests } = this.#use
    const most = isHeartbeat ? Math.ceil(limits.maxRequestsInFlight * 1.1) : limits.maxRequestsInFlight
    if (requests >= most)
      throw overloaded(`${requests} requests are under way, which is all it takes at once (maxRequestsInFlight)`)
    return new Ticket(this.#use, isHeartbeat, connection)
  }

  /** What the key holds and uses. */
  useOf(keyId: string): KeyUse {
    const known = this.#keys.get(keyId)
    if (known) return known
    if (this.#keys.size >= mostIdleKeys) this.#forgetIdle()
    const use = new KeyUse(this.#use.limits, this.#clock)
    this.#keys.set(keyId, use)
    return use
  }

  #forgetIdle(): void {
    for (const [keyId, use] of this.#keys) if (use.isIdle) this.#keys.delete(keyId)
  }
}
