import {
  type AnyOperation,
  capabilities,
  type RequestOf,
  type ResponseOf,
  type Runtime,
  TimeoutError,
  type Timer,
  type Transport,
} from '@kafkado/core'
import type { Ticket } from './admission.ts'
import { authorize, conceal, type Principal } from '../auth/authorization.ts'
import type { BodyLimit } from '../exchange/body-buffer.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Limits } from './limits.ts'
import type { Log } from '../log.ts'
import { Refusal, serverClosing } from '../exchange/refusal.ts'

/** Shared by all requests of a server. */
export interface CallContext {
  readonly transport: Transport
  readonly limits: Limits
  readonly runtime: Runtime
  readonly log: Log
  /** Calls that wait for records. They can be ended at any time without loss. */
  readonly longPolls: Set<Call>
  isClosing(): boolean
}

/**
 * One request under way. It has a time limit and ends when its client goes away. It is the only way to the transport,
 * so that nothing gets there unauthorised or beyond the limits.
 */
export class Call {
  readonly exchange: Exchange
  readonly limits: Limits
  readonly log: Log
  readonly #context: CallContext
  readonly #identify: () => string
  readonly #ticket: Ticket
  readonly #principal: Principal
  readonly #waiting: ((reason: Error) => void)[] = []
  #abortedBy: Error | undefined
  /** Made when the transport is asked: many requests are refused before. */
  #controller: AbortController | undefined
  #isReading = false
  #timer: Timer

  /** @param identify makes the id of the request when it is first needed */
  constructor(context: CallContext, exchange: Exchange, identify: () => string, ticket: Ticket, principal: Principal) {
    this.exchange = exchange
    this.limits = context.limits
    this.log = context.log
    this.#context = context
    this.#identify = identify
    this.#ticket = ticket
    this.#principal = principal
    this.#timer = this.#startTimer(context.limits.requestTimeoutMs)
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
    const reserve = (bytes: number): void => this.#ticket.reserve(bytes)
    const body = await this.#untilAborted(this.exchange.readBody(limit, reserve))
    this.#isReading = false
    return body
  }

  /**
   * Carries out an operation for the sender of the request.
   *
   * @throws UnauthorizedError when a scope is missing; otherwise what the transport throws
   */
  async send<O extends AnyOperation>(operation: O, request: RequestOf<O>): Promise<ResponseOf<O>> {
    const permitted = withinLimits(operation, authorize(this.#principal, operation, request), this.limits)
    const longPollMs = operation.longPollMs(permitted)
    if (longPollMs > 0) this.#becomeLongPoll(longPollMs)
    if (this.#abortedBy) throw this.#abortedBy
    this.#controller ??= new AbortController()
    const options = { signal: this.#controller.signal, timeoutMs: this.limits.requestTimeoutMs }
    const response = await this.#untilAborted(this.#context.transport.send(operation, permitted, options))
    return withLimits(operation, conceal(this.#principal, operation, response), this.limits)
  }

  #becomeLongPoll(longPollMs: number): void {
    if (this.#context.isClosing()) throw serverClosing()
    this.#ticket.becomeLongPoll(this.#principal.keyId)
    this.#context.longPolls.add(this)
    this.#timer.cancel()
    this.#timer = this.#startTimer(this.limits.requestTimeoutMs + longPollMs)
  }

  #startTimer(timeoutMs: number): Timer {
    return this.#context.runtime.clock.schedule(timeoutMs, () => this.abort(tooLate(timeoutMs, this.#isReading)))
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

/** Lowers the sizes and waits of a fetch to the server's limits. */
function withinLimits<O extends AnyOperation>(operation: O, request: RequestOf<O>, limits: Limits): RequestOf<O> {
  if (operation.records !== 'response') return request
  const { maxWaitMs, maxBytes } = request as { maxWaitMs: number; maxBytes: number }
  const waitMs = Math.max(Math.min(maxWaitMs, limits.maxLongPollMs), 0)
  return { ...request, maxWaitMs: waitMs, maxBytes: Math.min(maxBytes, limits.maxResponseBytes) }
}

/** Capabilities also tell the limits of this server, whatever its transport is. */
function withLimits<O extends AnyOperation>(operation: O, response: ResponseOf<O>, limits: Limits): ResponseOf<O> {
  if (operation.name !== capabilities.name) return response
  const { maxPartitions, maxBodyBytes } = limits
  return { ...response, limits: { maxPartitions, maxBodyBytes } }
}
