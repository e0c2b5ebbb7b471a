import { KafkaError, QuotaExceededError } from '@kafkado/core'
import type { Limits } from './limits.ts'
import { Refusal } from '../exchange/refusal.ts'

const retryAfterMs = 1000

/** Counts the requests under way, and refuses those beyond the limits. */
export class Admission {
  readonly #limits: Limits
  readonly #longPollsByKey = new Map<string, number>()
  #requests = 0
  #bytes = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /**
   * Admits a request.
   *
   * @param isHeartbeat heartbeats are refused last, because a group expels members that send none
   * @throws Refusal with 503 when too many are under way
   */
  enter(isHeartbeat: boolean): Ticket {
    const { maxRequestsInFlight } = this.#limits
    const most = isHeartbeat ? Math.ceil(maxRequestsInFlight * 1.1) : maxRequestsInFlight
    if (this.#requests >= most)
      throw overloaded(`${this.#requests} requests are under way, which is all it takes at once (maxRequestsInFlight)`)
    this.#requests++
    let bytes = 0
    let longPollKey: string | undefined
    return {
      reserve: (more) => {
        if (this.#bytes + more > this.#limits.maxBytesInFlight) {
          throw overloaded(
            `the bodies under way fill the ${this.#limits.maxBytesInFlight} bytes it has for them (maxBytesInFlight)`,
          )
        }
        this.#bytes += more
        bytes += more
      },
      becomeLongPoll: (keyId) => {
        if (longPollKey !== undefined) return
        this.#addLongPoll(keyId)
        longPollKey = keyId
        this.#requests--
      },
      leave: () => {
        this.#bytes -= bytes
        if (longPollKey === undefined) this.#requests--
        else this.#removeLongPoll(longPollKey)
      },
    }
  }

  #addLongPoll(keyId: string): void {
    const held = this.#longPollsByKey.get(keyId) ?? 0
    if (held >= this.#limits.maxLongPollsPerKey) {
      throw new QuotaExceededError(
        `this key holds ${held} long polls, which is all it may hold at once (maxLongPollsPerKey)`,
        { retryAfterMs },
      )
    }
    this.#longPollsByKey.set(keyId, held + 1)
  }

  #removeLongPoll(keyId: string): void {
    const held = (this.#longPollsByKey.get(keyId) ?? 0) - 1
    if (held > 0) this.#longPollsByKey.set(keyId, held)
    else this.#longPollsByKey.delete(keyId)
  }
}

/** The share of the limits that one request holds until it has its answer. */
export interface Ticket {
  /** @throws Refusal with 503 when so many bytes do not fit */
  reserve(bytes: number): void
  /** @throws QuotaExceededError when the key holds too many long polls already */
  becomeLongPoll(keyId: string): void
  leave(): void
}

function overloaded(detail: string): Refusal {
  return new Refusal(
    503,
    new KafkaError(`the server is overloaded: ${detail}`, { code: 'OVERLOADED', retriable: true, retryAfterMs }),
  )
}
