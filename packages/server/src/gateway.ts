import { type Runtime, systemRuntime, type Transport } from '@kafkado/core'
import {
  type ConfigFields,
  field,
  functionField,
  isPlainObject,
  objectWith,
  parseConfig,
  runtimeField,
} from '@kafkado/core/internal'
import { Admission } from './call/admission.ts'
import { anonymous, type Principal } from './auth/authorization.ts'
import { type ApiKeys, unauthorized } from './auth/key-ring.ts'
import { Call, type CallContext } from './call/call.ts'
import { Cors, type CorsOptions } from './exchange/cors.ts'
import type { Exchange, Reply } from './exchange/exchange.ts'
import { type Limits, limitsOf } from './call/limits.ts'
import { type Log, silentLog } from './log.ts'
import { problemReply } from './exchange/problem-details.ts'
import { headersTooLarge, serverClosing } from './exchange/refusal.ts'
import { operationRoutes } from './routes/operation-routes.ts'
import { Router } from './routes/router.ts'
import { serviceRoutes } from './routes/service-routes.ts'

export interface HandlerOptions {
  /**
   * The accepted keys, made by `apiKeys()` or `loadKeys()`. Default: none, so everyone may do everything. Set them when
   * others than you can reach the server.
   */
  keys?: ApiKeys | undefined
  /** Upper limits for requests, time and memory. Each limit has a default; change single ones by their own docs. */
  limits?: Partial<Limits> | undefined
  /**
   * Lets web pages of other origins call the server. Default: none. Set it when your pages come from another origin.
   */
  cors?: CorsOptions | undefined
  /** Receives faults inside the server. Default: nobody. Set it in production: clients only learn the request id. */
  log?: Log | undefined
  /** Clock and randomness, for tests. */
  runtime?: Runtime | undefined
}

/** @internal `serve` accepts these options too */
export const handlerFields: ConfigFields<HandlerOptions> = {
  keys: objectWith('authenticate'),
  limits: field(isPlainObject, 'must be an object of limits'),
  cors: field(isPlainObject, 'must be { origins, maxAgeSeconds? }'),
  log: functionField(),
  runtime: runtimeField(),
}

/** A server that closes still lives: whoever watches it must not kill it before it has answered everybody. */
const livePath = '/livez'

const bearer = /^Bearer +([^\s,]+)$/i
/**
 * Request ids that may go into answers and logs. Excludes what looks like an API key: a client may have put it into the
 * wrong header.
 */
const plainRequestId = /^(?!kdo_)[\w.-]{1,64}$/

/**
 * Both faces, the fetch handler and node:http, end here. It authorises each request, carries it out, and turns every
 * error into an answer.
 */
export class Gateway {
  readonly limits: Limits
  readonly #context: CallContext
  readonly #router = new Router([...operationRoutes, ...serviceRoutes])
  readonly #admission: Admission
  readonly #keys: ApiKeys | undefined
  readonly #cors: Cors | undefined
  readonly #log: Log
  readonly #runtime: Runtime
  #isClosing = false

  /** @throws InvalidRequestError when an option is not valid */
  constructor(transport: Transport, given: HandlerOptions = {}) {
    const options = parseConfig('server', handlerFields, given)
    this.limits = limitsOf(options.limits)
    this.#runtime = options.runtime ?? systemRuntime
    this.#log = options.log ?? silentLog
    this.#keys = options.keys
    this.#cors = options.cors && new Cors(options.cors)
    this.#admission = new Admission(this.limits)
    this.#context = {
      transport,
      limits: this.limits,
      runtime: this.#runtime,
      log: this.#log,
      longPolls: new Set(),
      isClosing: () => this.#isClosing,
    }
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Never rejects: every fault becomes a problem document. */
  handle(exchange: Exchange): Promise<Reply> {
    return this.#reply(exchange, (identify) => this.#answer(exchange, identify))
  }

  /** Answers with an error found before the request got here. */
  refuse(exchange: Exchange, error: Error): Promise<Reply> {
    return this.#reply(exchange, () => Promise.reject(error))
  }

  /** Ends the long polls, whose clients retry elsewhere, and refuses new requests. Other requests continue. */
  close(): void {
    this.#isClosing = true
    for (const call of this.#context.longPolls) call.abort(serverClosing())
  }

  async #reply(exchange: Exchange, answer: (identify: () => string) => Promise<Reply>): Promise<Reply> {
    const given = exchange.header('x-request-id')
    let requestId = given !== undefined && plainRequestId.test(given) ? given : undefined
    const identify = (): string => (requestId ??= this.#runtime.random.uuid())
    let reply: Reply
    try {
      reply = await answer(identify)
    } catch (error) {
      reply = problemReply(error, identify(), this.#log)
    }
    if (this.#log.isDebugging === true) {
      const { method, path } = exchange
      const place = this.#router.has(path) ? path : 'an unknown path'
      this.#log({ level: 'debug', message: `${method} ${place}: ${reply.status}`, requestId: identify() })
    }
    const headers: Record<string, string> = { ...reply.headers }
    if (requestId !== undefined) headers['x-request-id'] = requestId
    // No cache keeps the answer to a POST, and no browser shows it.
    if (exchange.method !== 'POST')
      Object.assign(headers, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    if (this.#cors) Object.assign(headers, this.#cors.headers(exchange))
    return { status: reply.status, headers, body: reply.body }
  }

  async #answer(exchange: Exchange, identify: () => string): Promise<Reply> {
    if (this.#isClosing && exchange.path !== livePath) throw serverClosing()
    if (exchange.headerBytes() > this.limits.maxHeaderBytes) throw headersTooLarge(this.limits.maxHeaderBytes)
    const preflight = this.#cors?.preflight(exchange)
    if (preflight) return preflight
    const route = this.#router.find(exchange.method, exchange.path)
    const ticket = this.#admission.enter(route.isShedLast === true)
    let call: Call | undefined
    try {
      const principal = route.isPublic || !this.#keys ? anonymous : await authenticate(this.#keys, exchange)
      call = new Call(this.#context, exchange, identify, ticket, principal)
      return await route.handle(call)
    } finally {
      call?.end()
      ticket.leave()
    }
  }
}

async function authenticate(keys: ApiKeys, exchange: Exchange): Promise<Principal> {
  const authorization = exchange.header('authorization')
  if (authorization === undefined)
    throw unauthorized('this server needs an API key, as the header authorization: Bearer kdo_…')
  const secret = bearer.exec(authorization)?.[1]
  if (secret === undefined) throw unauthorized('the authorization header must be Bearer and one API key')
  return keys.authenticate(secret)
}
