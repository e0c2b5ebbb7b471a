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
import type { Audit } from './audit/audit-entry.ts'
import { AuditTrail } from './audit/audit-trail.ts'
import { anonymous } from './auth/authorization.ts'
import { type ApiKeys, unauthorized } from './auth/key-ring.ts'
import { AuditedRequest } from './call/audited-request.ts'
import { Call, type CallContext, type Sender } from './call/call.ts'
import { Cors, type CorsOptions } from './exchange/cors.ts'
import { type Exchange, type HeldReply, weightOf } from './exchange/exchange.ts'
import { type Limits, limitsOf } from './call/limits.ts'
import { NewGroups } from './call/new-groups.ts'
import { NewPartitions } from './call/new-partitions.ts'
import { type Log, silentLog } from './log.ts'
import { problemReply } from './exchange/problem-details.ts'
import { headersTooLarge, serverClosing } from './exchange/refusal.ts'
import { operationRoutes } from './routes/operation-routes.ts'
import { Router } from './routes/router.ts'
import { serviceRoutes } from './routes/service-routes.ts'
import { tokenRoute } from './routes/token-route.ts'

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
  /**
   * Receives the audit log: each refusal, and each administrative act. Default: nobody; `serve` writes it to standard
   * error when it has `keys`. Set it to keep it elsewhere, such as with other security logs.
   */
  audit?: Audit | undefined
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
  audit: functionField(),
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
const plainRequestId = /^(?!kd[ot]_)[\w.-]{1,64}$/

/**
 * Both faces, the fetch handler and node:http, end here. It authorises each request, carries it out, and turns every
 * error into an answer.
 */
export class Gateway {
  readonly limits: Limits
  readonly #context: CallContext
  readonly #router = new Router([...operationRoutes, ...serviceRoutes, tokenRoute])
  readonly #admission: Admission
  readonly #keys: ApiKeys | undefined
  readonly #cors: Cors | undefined
  readonly #log: Log
  readonly #trail: AuditTrail | undefined
  readonly #runtime: Runtime
  #isClosing = false

  /** @throws InvalidRequestError when an option is not valid */
  constructor(transport: Transport, given: HandlerOptions = {}) {
    const options = parseConfig('server', handlerFields, given)
    this.limits = limitsOf(options.limits)
    this.#runtime = options.runtime ?? systemRuntime
    this.#log = options.log ?? silentLog
    this.#trail = options.audit && new AuditTrail(options.audit, this.#runtime)
    this.#keys = options.keys
    this.#cors = options.cors && new Cors(options.cors)
    this.#admission = new Admission(this.limits, this.#runtime.clock)
    this.#context = {
      transport,
      limits: this.limits,
      runtime: this.#runtime,
      log: this.#log,
      newPartitions: new NewPartitions(this.limits, this.#runtime.clock, transport),
      newGroups: new NewGroups(this.limits, this.#runtime.clock, transport),
      longPolls: new Set(),
      keys: options.keys,
      isClosing: () => this.#isClosing,
    }
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Never rejects: every fault becomes a problem document. */
  handle(exchange: Exchange): Promise<HeldReply> {
    return this.#reply(exchange, (identify, audited) => this.#answer(exchange, identify, audited))
  }

  /** Answers with an error found before the request got here. */
  refuse(exchange: Exchange, error: Error): Promise<HeldReply> {
    return this.#reply(exchange, () => Promise.reject(error))
  }

  /** Ends the long polls, whose clients retry elsewhere, and refuses new requests. Other requests continue. */
  close(): void {
    this.#isClosing = true
    for (const call of this.#context.longPolls) call.abort(serverClosing())
  }

  async #reply(
    exchange: Exchange,
    answer: (identify: () => string, audited: AuditedRequest) => Promise<HeldReply>,
  ): Promise<HeldReply> {
    const given = exchange.header('x-request-id')
    let requestId = given !== undefined && plainRequestId.test(given) ? given : undefined
    const identify = (): string => (requestId ??= this.#runtime.random.uuid())
    const audited = new AuditedRequest(this.#trail, exchange, identify)
    let reply: HeldReply
    try {
      reply = await answer(identify, audited)
      audited.answered()
    } catch (error) {
      audited.failed(error)
      reply = { ...problemReply(error, identify(), this.#log), release: heldNothing }
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
    return { status: reply.status, headers, body: reply.body, release: reply.release }
  }

  async #answer(exchange: Exchange, identify: () => string, audited: AuditedRequest): Promise<HeldReply> {
    if (this.#isClosing && exchange.path !== livePath) throw serverClosing()
    if (exchange.headerBytes() > this.limits.maxHeaderBytes) throw headersTooLarge(this.limits.maxHeaderBytes)
    const preflight = this.#cors?.preflight(exchange)
    if (preflight) return { ...preflight, release: heldNothing }
    const route = this.#router.find(exchange.method, exchange.path)
    const ticket = this.#admission.enter(route.isShedLast === true, exchange.connection)
    let call: Call | undefined
    try {
      const sender = route.isPublic || !this.#keys ? nobody : await senderOf(this.#keys, exchange)
      // Whether the server lives is always told.
      if (!(route.isPublic && route.isShedLast))
        ticket.identify(this.#admission.useOf(sender.principal.keyId), this.#keys !== undefined)
      call = new Call(this.#context, exchange, identify, ticket, sender)
      audited.call = call
      const reply = await route.handle(call)
      const release = ticket.holdAnswer(weightOf(reply), route.isRepeatable === true)
      return { status: reply.status, headers: reply.headers, body: reply.body, release }
    } finally {
      call?.end()
      ticket.leave()
    }
  }
}

const heldNothing = (): void => undefined
const nobody: Sender = { principal: anonymous, authenticateAgain: () => Promise.resolve() }

async function senderOf(keys: ApiKeys, exchange: Exchange): Promise<Sender> {
  const authorization = exchange.header('authorization')
  if (authorization === undefined)
    throw unauthorized('this server needs an API key, as the header authorization: Bearer kdo_…')
  const secret = bearer.exec(authorization)?.[1]
  if (secret === undefined) throw unauthorized('the authorization header must be Bearer and one API key')
  return { principal: await keys.authenticate(secret), authenticateAgain: () => keys.authenticate(secret) }
}
