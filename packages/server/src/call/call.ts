import {
  type AnyOperation,
  capabilities,
  type RequestOf,
  type ResponseOf,
  type Runtime,
  type SendOptions,
  TimeoutError,
  type Timer,
  type Transport,
} from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { authorize, conceal, type Principal } from '../auth/authorization.ts'
import type { ApiKeys } from '../auth/key-ring.ts'
import type { CreatedToken, TokenOptions } from '../auth/token.ts'
import type { BodyLimit, BodyMeter } from '../exchange/body-buffer.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Limits } from './limits.ts'
import type { Log } from '../log.ts'
import { makesGroups, type NewGroups } from './new-groups.ts'
import { makesPartitions, type NewPartitions } from './new-partitions.ts'
import { Refusal, serverClosing } from '../exchange/refusal.ts'
import type { Ticket } from './ticket.ts'

/** How long a body may stand still, and over what time its rate is measured. */
const rateWindowMs = 10_000

/** Shared by all requests of a server. */
export interface CallContext {
  readonly transport: Transport
  readonly limits: Limits
  readonly runtime: Runtime
  readonly log: Log
  readonly newPartitions: NewPartitions
  readonly newGroups: NewGroups
  /** Calls that wait for records. They can be ended at any time without loss. */
  readonly longPolls: Set<Call>
  readonly keys: ApiKeys | undefined
  isClosing(): boolean
}

/** An operation of a request, and the answer once it has one. */
export interface Asked {
  readonly operation: AnyOperation | 'createToken'
  readonly request: unknown
  readonly response?: unknown
}

/** The sender of a request, and how to find out whether it may still be one. */
export interface Sender {
  readonly principal: Principal
  /** @throws UnauthorizedError when the key has been revoked or has expired since */
  authenticateAgain(): Promise<unknown>
}

/**
 * One request under way. It has a time limit and ends when its client goes away. It is the only way to the transport,
 * so that nothing gets there unauthorised or beyond the limits.
 */
export class Call implements BodyMeter {
  readonly exchange: Exchange
  readonly limits: Limits
  readonly log: Log
  readonly #context: CallContext
  readonly #identify: () => string
  readonly #ticket: Ticket
  readonly #sender: Sender
  readonly #waiting: ((reason: Error) => void)[] = []
  /** What it asked for last, for the audit log. */
  asked: Asked | undefined
  #abortedBy: Error | undefined
  /** Made when the transport is asked: many requests are refused before. */
  #controller: AbortController | undefined
  #isReading = false
  /** What has arrived of the body since its rate was last looked at. */
  #arrivedBytes = 0
  #timeoutMs: number
  #dueMs: number
  #timer: Timer

  /** @param identify makes the id of the request when it is first needed */
  constructor(context: CallContext, exchange: Exchange, identify: () => string, ticket: Ticket, sender: Sender) {
    this.exchange = exchange
    this.limits = context.limits
    this.log = context.log
    this.#context = context
    this.#identify = identify
    this.#ticket = ticket
    this.#sender = sender
    this.#timeoutMs = context.limits.requestTimeoutMs
    this.#dueMs = context.runtime.clock.monotonic() + this.#timeoutMs
    this.#timer = this.#startTimer()
    exchange.onDisconnect(() => this.abort(clientGone()))
  }

  get requestId(): string {
    return this.#identify()
  }

  /** Whether the server has begun to close. */
  get isClosing(): boolean {
    return this.#context.isClosing()
  }

  /** Ends the request with the error and stops waiting for the transport. */
  abort(reason: Error): void {
    if (this.#abortedBy) return
    this.#abortedBy = reason
    if (this.#isReading) this.exchange.stopReading()
    this.#controller?.abort(reason)
    for (const reject of this.#waiting) reject(reason)
  }

  /** Releases what the request held. */
  end(): void {
    this.#timer.cancel()
    this.#context.longPolls.delete(this)
  }

  async readBody(limit: BodyLimit = { option: 'maxBodyBytes', bytes: this.limits.maxBodyBytes }): Promise<Uint8Array> {
    this.#isReading = true
    const body = await this.#untilAborted(this.exchange.readBody(limit, this))
    this.#isReading = false
    this.#waiting.length = 0
    return body
  }

  reserve(bytes: number): void {
    this.#ticket.reserve(bytes)
  }

  arrived(bytes: number): void {
    this.#arrivedBytes += bytes
    this.#ticket.arrived(bytes)
  }

  /**
   * Carries out an operation for the sender of the request.
   *
   * @throws UnauthorizedError when a scope is missing; otherwise what the transport throws
   */
  async send<O extends AnyOperation>(operation: O, request: RequestOf<O>): Promise<ResponseOf<O>> {
    const { principal: sender } = this.#sender
    this.asked = { operation, request }
    const permitted = this.#withinLimits(operation, authorize(sender, operation, request))
    const longPollMs = operation.longPollMs(permitted)
    if (longPollMs > 0) this.#becomeLongPoll(longPollMs)
    if (this.#abortedBy) throw this.#abortedBy
    this.#controller ??= new AbortController()
    const { signal } = this.#controller
    const principal = sender.scopes && sender.keyId
    const options = { signal, timeoutMs: this.limits.requestTimeoutMs, principal }
    const response = await this.#untilAborted(this.#carryOut(operation, permitted, options))
    this.asked = { operation, request, response }
    // The poll may have begun before the key was revoked.
    if (longPollMs > 0) await this.#sender.authenticateAgain()
    return this.#throttled(operation, withLimits(operation, conceal(sender, operation, response), this.limits))
  }

  /**
   * Issues a token for the sender of the request.
   *
   * @throws KafkaError SECURITY_DISABLED when the server has no keys; UnauthorizedError when the key may not
   */
  async issueToken(options: TokenOptions): Promise<CreatedToken> {
    const { keys } = this.#context
    const { principal } = this.#sender
    this.asked = { operation: 'createToken', request: [`key:${principal.keyId}`] }
    if (keys?.issueToken) return keys.issueToken(principal, options)
    throw errorOfCode('SECURITY_DISABLED', { detail: 'this server has no API keys that could issue tokens' })
  }

  get principal(): Principal {
    return this.#sender.principal
  }

  /** Lowers the sizes and waits of a fetch to the server's limits, and to the memory that is left. */
  #withinLimits<O extends AnyOperation>(operation: O, request: RequestOf<O>): RequestOf<O> {
    if (operation.records !== 'response') return request
    const { maxLongPollMs, maxResponseBytes } = this.limits
    const { maxWaitMs, maxBytes } = request as { maxWaitMs: number; maxBytes: number }
    const waitMs = Math.max(Math.min(maxWaitMs, maxLongPollMs), 0)
    return { ...request, maxWaitMs: waitMs, maxBytes: Math.min(maxBytes, maxResponseBytes, this.#ticket.room()) }
  }

  /** Asks a sender that is too fast to pause. */
  #throttled<O extends AnyOperation>(operation: O, response: ResponseOf<O>): ResponseOf<O> {
    const throttleTimeMs = this.#ticket.throttleTimeMs(operation.records === 'response' ? recordBytesOf(response) : 0)
    const told = (response as { throttleTimeMs?: number }).throttleTimeMs
    return told === undefined || told >= throttleTimeMs ? response : { ...response, throttleTimeMs }
  }

  /** Without keys, all clients are one, which may make what the transport takes. */
  async #carryOut<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    options: SendOptions,
  ): Promise<ResponseOf<O>> {
    const { transport, newPartitions, newGroups } = this.#context
    const { scopes, keyId } = this.#sender.principal
    const counting = makesPartitions(operation) ? newPartitions : makesGroups(operation) ? newGroups : undefined
    if (!scopes || !counting) return transport.send(operation, request, options)
    const charge = await counting.charge(keyId, operation, request)
    try {
      const response = await transport.send(operation, request, options)
      charge?.settle(response)
      return response
    } catch (error) {
      charge?.fail(error)
      throw error
    }
  }

  #becomeLongPoll(longPollMs: number): void {
    if (this.#context.isClosing()) throw serverClosing()
    this.#ticket.becomeLongPoll()
    this.#context.longPolls.add(this)
    this.limitTo(this.limits.requestTimeoutMs + longPollMs)
  }

  /** From now on it may take so long. */
  limitTo(timeoutMs: number): void {
    this.#timer.cancel()
    this.#timeoutMs = timeoutMs
    this.#dueMs = this.#context.runtime.clock.monotonic() + timeoutMs
    this.#timer = this.#startTimer()
  }

  /** One timer for all: it also looks at the rate of a body, which has rarely not arrived by then. */
  #startTimer(): Timer {
    const { clock } = this.#context.runtime
    const leftMs = this.#dueMs - clock.monotonic()
    const isWatching = this.limits.minBytesPerSecond > 0 && !this.#context.longPolls.has(this)
    return clock.schedule(isWatching ? Math.min(leftMs, rateWindowMs) : leftMs, () => this.#onTimer())
  }

  #onTimer(): void {
    const leftMs = this.#dueMs - this.#context.runtime.clock.monotonic()
    const { minBytesPerSecond } = this.limits
    if (leftMs <= 0) this.abort(tooLate(this.#timeoutMs, this.#isReading))
    else if (this.#isReading && this.#arrivedBytes < (minBytesPerSecond * rateWindowMs) / 1000)
      this.abort(tooSlow(this.#arrivedBytes, minBytesPerSecond))
    else this.#timer = this.#startTimer()
    this.#arrivedBytes = 0
  }

  /** Ends the wait even if the work ignores the signal. */
  #untilAborted<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#abortedBy) reject(this.#abortedBy)
      else this.#waiting.push(reject)
      work.then(resolve, reject)
    })
  }
}

function clientGone(): Refusal {
  return new Refusal(503, new TimeoutError('the client went away before it had its answer'))
}

function tooLate(timeoutMs: number, isReading: boolean): Error {
  if (!isReading)
    return new TimeoutError(
      `the request was not finished within ${timeoutMs} ms; whether it was carried out is not known`,
    )
  const error = new TimeoutError(`the request was not received within ${timeoutMs} ms (requestTimeoutMs)`, {
    outcome: 'failed',
  })
  return new Refusal(408, error)
}

function tooSlow(bytes: number, minBytesPerSecond: number): Refusal {
  const detail =
    `the body arrives too slowly: ${bytes} bytes in ${rateWindowMs / 1000} seconds, ` +
    `where at least ${minBytesPerSecond} a second are expected (minBytesPerSecond)`
  return new Refusal(408, new TimeoutError(detail, { outcome: 'failed' }))
}

function recordBytesOf(response: unknown): number {
  const { topics } = response as { topics: { partitions: { records: Uint8Array }[] }[] }
  let bytes = 0
  for (const { partitions } of topics) for (const { records } of partitions) bytes += records.length
  return bytes
}

/** Capabilities also tell the limits of this server, whatever its transport is. */
function withLimits<O extends AnyOperation>(operation: O, response: ResponseOf<O>, limits: Limits): ResponseOf<O> {
  if (operation.name !== capabilities.name) return response
  const { maxPartitions, maxBodyBytes } = limits
  return { ...response, limits: { maxPartitions, maxBodyBytes } }
}
