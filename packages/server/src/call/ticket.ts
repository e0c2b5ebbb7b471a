import { QuotaExceededError } from '@kafkado/core'
import type { ConnectionUse } from '../exchange/exchange.ts'
import type { BodyMeter } from '../exchange/body-buffer.ts'
import { overloaded, retryAfterMs } from '../exchange/refusal.ts'
import type { KeyUse } from './key-use.ts'
import type { Limits } from './limits.ts'

/** What all requests together hold. */
export interface TotalUse {
  readonly limits: Limits
  requests: number
  heldBytes: number
}

/** The share of the limits that one request holds until its client has the answer. */
export class Ticket implements BodyMeter {
  readonly #use: TotalUse
  readonly #isHeartbeat: boolean
  readonly #connection: ConnectionUse | undefined
  #key: KeyUse | undefined
  /** Without keys, everyone has the same one, and only the limits of all and of a connection hold. */
  #isOwnKey = false
  #bodyBytes = 0
  #isLongPoll = false

  constructor(use: TotalUse, isHeartbeat: boolean, connection: ConnectionUse | undefined) {
    this.#use = use
    this.#isHeartbeat = isHeartbeat
    this.#connection = connection
    use.requests++
  }

  /**
   * Says whose request it is.
   *
   * @throws QuotaExceededError when the key was too fast, or holds too much; Refusal with 503 when all do
   */
  identify(key: KeyUse, isOwnKey: boolean): void {
    this.#key = key
    this.#isOwnKey = isOwnKey
    key.tickets++
    key.spendRequest(this.#isHeartbeat)
    this.#requireRoom(1)
  }

  /** @throws QuotaExceededError when the key or connection holds too many bytes; Refusal with 503 when all do */
  reserve(bytes: number): void {
    this.#requireRoom(bytes)
    this.#hold(bytes)
    this.#bodyBytes += bytes
  }

  arrived(bytes: number): void {
    this.#key?.spendBytes(bytes)
  }

  /** @throws QuotaExceededError when the key holds too many long polls already */
  becomeLongPoll(): void {
    if (this.#isLongPoll || !this.#key) return
    const { maxLongPollsPerKey } = this.#use.limits
    const held = this.#key.longPolls
    if (held >= maxLongPollsPerKey)
      throw exceeded(`this key holds ${held} long polls, which is all it may hold at once (maxLongPollsPerKey)`)
    this.#key.longPolls++
    this.#isLongPoll = true
    this.#use.requests--
    // It is waiting, and its body has been read.
    this.#releaseBody()
  }

  /** How many bytes of an answer would fit now. */
  room(): number {
    const { limits, heldBytes } = this.#use
    const ofKey = this.#isOwnKey && this.#key ? limits.maxBytesInFlightPerKey - this.#key.heldBytes : Infinity
    const ofConnection = this.#connection ? limits.maxBytesPerConnection - this.#connection.heldBytes : Infinity
    return Math.max(Math.min(limits.maxBytesInFlight - heldBytes, ofKey, ofConnection), 0)
  }

  /** How long the sender should pause when it has got an answer of so many bytes. */
  throttleTimeMs(answerBytes: number): number {
    return this.#key?.throttleTimeMs(answerBytes) ?? 0
  }

  /**
   * Holds the bytes of an answer until the returned function is called.
   *
   * @param isDiscardable nothing is lost if it is not sent
   * @throws like `reserve`, but never for what is held alone, nor for an answer that must be sent
   */
  holdAnswer(bytes: number, isDiscardable: boolean): () => void {
    if (isDiscardable) this.#requireRoom(bytes, true)
    this.#hold(bytes)
    this.#key?.spendBytes(bytes)
    let isHeld = true
    return () => {
      if (isHeld) this.#hold(-bytes)
      isHeld = false
    }
  }

  leave(): void {
    this.#releaseBody()
    if (this.#isLongPoll && this.#key) this.#key.longPolls--
    else this.#use.requests--
    if (this.#key) this.#key.tickets--
  }

  #releaseBody(): void {
    this.#hold(-this.#bodyBytes)
    this.#bodyBytes = 0
  }

  /** @param isOnlyForOthers what is alone is let through, however large */
  #requireRoom(bytes: number, isOnlyForOthers = false): void {
    const { limits, heldBytes } = this.#use
    const fits = (held: number, most: number): boolean =>
      held + bytes <= (this.#isHeartbeat ? Math.ceil(most * 1.1) : most) || (isOnlyForOthers && held === 0)
    if (!fits(heldBytes, limits.maxBytesInFlight)) {
      throw overloaded(
        `bodies and unread answers fill the ${limits.maxBytesInFlight} bytes it has for them (maxBytesInFlight)`,
      )
    }
    if (this.#isOwnKey && this.#key && !fits(this.#key.heldBytes, limits.maxBytesInFlightPerKey)) {
      throw exceeded(
        `bodies and unread answers of this key fill the ${limits.maxBytesInFlightPerKey} bytes it may hold at once ` +
          '(maxBytesInFlightPerKey)',
      )
    }
    if (this.#connection && !fits(this.#connection.heldBytes, limits.maxBytesPerConnection)) {
      throw exceeded(
        `bodies and unread answers of this connection fill the ${limits.maxBytesPerConnection} bytes it may hold at ` +
          'once (maxBytesPerConnection)',
      )
    }
  }

  #hold(bytes: number): void {
    this.#use.heldBytes += bytes
    if (this.#key) this.#key.heldBytes += bytes
    if (this.#connection) this.#connection.heldBytes += bytes
  }
}

function exceeded(detail: string): QuotaExceededError {
  return new QuotaExceededError(detail, { retryAfterMs })
}
