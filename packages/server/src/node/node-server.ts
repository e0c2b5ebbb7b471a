import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import {
  type Duration,
  InvalidRequestError,
  type KafkaError,
  QuotaExceededError,
  type Runtime,
  systemRuntime,
  type Transport,
} from '@kafkado/core'
import {
  booleanField,
  type ConfigFields,
  durationField,
  field,
  integerField,
  objectWith,
  parseConfig,
  required,
  sleep,
  textField,
  toMilliseconds,
} from '@kafkado/core/internal'
import { loadKeys } from '../auth/key-file.ts'
import type { ApiKeys } from '../auth/key-ring.ts'
import type { Connection } from './connection.ts'
import { Connections } from './connections.ts'
import type { AuditEntry } from '../audit/audit-entry.ts'
import { Gateway, handlerFields, type HandlerOptions } from '../gateway.ts'
import type { Log } from '../log.ts'
import { isLoopback, isLoopbackHostHeader } from './loopback.ts'
import { refuseMalformed } from './malformed.ts'
import { NodeExchange } from './node-exchange.ts'
import { repeatedHeaderOf } from './repeated-header.ts'
import { refuse, retryAfterMs } from '../exchange/refusal.ts'

export interface ServeOptions extends Omit<HandlerOptions, 'keys'> {
  /** The transport to serve. It stays open when the server closes. */
  transport: Transport
  /**
   * The address to listen on. Default `127.0.0.1`: this machine only. Set `0.0.0.0` or an address of the network to let
   * other machines in, together with `keys`. Kafka: listeners.
   */
  host?: string | undefined
  /**
   * The port to listen on. Default 8080. Use 0 for a free one, for example in tests; `url` then tells it. Kafka:
   * listeners.
   */
  port?: number | undefined
  /**
   * The accepted keys: the path of a key file, or the result of `loadKeys()` or `apiKeys()`. Default: none, so everyone
   * may do everything. Set them before other machines can reach the server.
   */
  keys?: ApiKeys | string | undefined
  /**
   * Lets other machines reach a server without keys, by any host name. Default false. Set it only in a network where
   * you trust everyone, or behind a proxy that authenticates.
   */
  insecure?: boolean | undefined
  /**
   * How long `close()` waits for requests under way. Default 10 s. Raise it when requests take longer, together with
   * the grace period of your container platform.
   */
  drainTimeout?: Duration | undefined
}

/** A listening server. */
export interface RunningServer extends AsyncDisposable {
  /** Its address. */
  readonly url: string
  readonly port: number
  /**
   * Stops listening, ends long polls at once, answers other requests within `drainTimeout`, and closes every
   * connection. You may call it more than once.
   */
  close(): Promise<void>
}

const fields: ConfigFields<ServeOptions> = {
  ...handlerFields,
  transport: required(objectWith('send', 'close')),
  host: textField(),
  port: integerField(0, 65_535),
  keys: field(
    (value) => textField().check(value) || objectWith('authenticate').check(value),
    'must be a file of keys, or what loadKeys() or apiKeys() made',
  ),
  insecure: booleanField(),
  drainTimeout: durationField(),
}

/**
 * Serves a transport over HTTP with node:http.
 *
 * @throws InvalidRequestError when an option is not valid, the port is taken, or others could reach a server without
 *   keys
 */
export async function serve(given: ServeOptions): Promise<RunningServer> {
  const options = parseConfig('server', fields, given)
  const {
    transport,
    host = '127.0.0.1',
    port = 8080,
    insecure = false,
    log = logToStandardError,
    runtime = systemRuntime,
  } = options
  const drainTimeoutMs = toMilliseconds(options.drainTimeout ?? '10s', 'drainTimeout')
  if (options.keys === undefined && !insecure && !isLoopback(host)) {
    throw new InvalidRequestError(
      `a server without API keys does not listen on ${host}, where others could reach it: give it keys, ` +
        'or say insecure if that is meant',
    )
  }
  const keys =
    typeof options.keys === 'string'
      ? await loadKeys(options.keys, { log, audit: options.audit ?? auditToStandardError, runtime })
      : options.keys
  const audit = options.audit ?? (keys && auditToStandardError)
  const gateway = new Gateway(transport, { keys, limits: options.limits, cors: options.cors, audit, log, runtime })
  const running = new NodeServer(gateway, {
    log,
    runtime,
    drainTimeoutMs,
    requiresLoopbackHost: keys === undefined && !insecure,
  })
  await running.listen(host, port)
  return running
}

interface NodeServerOptions {
  readonly log: Log
  readonly runtime: Runtime
  readonly drainTimeoutMs: number
  /** Refuses requests with another Host: a web page could point its own name at this machine (DNS rebinding). */
  readonly requiresLoopbackHost: boolean
}

class NodeServer implements RunningServer {
  readonly #gateway: Gateway
  readonly #options: NodeServerOptions
  readonly #server: Server
  readonly #connections: Connections
  #underWay = 0
  #onIdle: (() => void) | undefined
  #lastOwnName: string | undefined = 'localhost'
  #closed: Promise<void> | undefined
  #address: { url: string; port: number } = { url: '', port: 0 }

  constructor(gateway: Gateway, options: NodeServerOptions) {
    this.#gateway = gateway
    this.#options = options
    const { maxHeaderBytes, requestTimeoutMs, maxLongPollMs, maxConnections } = gateway.limits
    this.#connections = new Connections(gateway.limits, options.runtime.clock)
    this.#server = createServer({
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: Math.min(10_000, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 5000,
      keepAliveTimeout: 60_000,
      requireHostHeader: true,
      insecureHTTPParser: false,
      noDelay: true,
    })
    this.#server.timeout = requestTimeoutMs + maxLongPollMs
    // So many are told why, which takes a moment; more are closed at once.
    this.#server.maxConnections = Math.ceil(maxConnections * 1.1)
    this.#server.on('connection', (socket) => this.#connections.add(socket))
    this.#server.on('request', (request, response) => this.#answer(request, response, false))
    this.#server.on('checkContinue', (request, response) => this.#answer(request, response, true))
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
      this.#refuseMalformed(error, socket as Socket),
    )
  }

  get url(): string {
    return this.#address.url
  }

  get port(): number {
    return this.#address.port
  }

  async listen(host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)))
      this.#server.listen(port, host, resolve)
    })
    const { port: actualPort } = this.#server.address() as AddressInfo
    this.#address = { url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`, port: actualPort }
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #shutDown(): Promise<void> {
    const { runtime, drainTimeoutMs } = this.#options
    this.#gateway.close()
    const stopped = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    if (this.#underWay > 0) {
      const drained = new AbortController()
      this.#onIdle = () => drained.abort()
      await sleep(runtime.clock, drainTimeoutMs, drained.signal).catch(() => undefined)
    }
    this.#server.closeAllConnections()
    await stopped
  }

  #answer(request: IncomingMessage, response: ServerResponse, mustContinue: boolean): void {
    this.#underWay++
    const connection = this.#connections.of(request.socket)
    const refusal = connection.refusal ?? this.#refusalOf(request)
    const tooDeep = refusal ? undefined : this.#refusalOfDepth(connection)
    const exchange = new NodeExchange(request, response, connection, mustContinue, () => {
      this.#underWay--
      if (this.#underWay === 0) this.#onIdle?.()
    })
    connection.begin(exchange)
    response.on('close', () => connection.end(exchange))
    const { clock } = this.#options.runtime
    const reply = refusal
      ? this.#gateway.refuse(exchange, refusal)
      : tooDeep
        ? exchange.skipBody(clock).then(() => this.#gateway.refuse(exchange, tooDeep))
        : this.#gateway.handle(exchange)
    const { minBytesPerSecond } = this.#gateway.limits
    reply
      .then((value) => exchange.write(value, clock, minBytesPerSecond, this.#gateway.isClosing))
      .catch((error: unknown) => {
        this.#options.log({ level: 'error', message: 'an answer could not be written', error })
        response.destroy()
      })
  }

  #refusalOf({ headers, rawHeaders, httpVersion }: IncomingMessage): Error | undefined {
    // The parser takes these for 1.1.
    if (httpVersion !== '1.1' && httpVersion !== '1.0') return refuse(505, `send HTTP/1.1, not ${httpVersion}`)
    const repeated = repeatedHeaderOf(rawHeaders)
    if (repeated !== undefined) return refuse(400, `the request has more than one ${repeated} header`)
    return this.#options.requiresLoopbackHost && !this.#isOwnName(headers.host) ? misdirected() : undefined
  }

  #refusalOfDepth({ depth }: Connection): Error | undefined {
    if (depth < this.#gateway.limits.maxRequestsPerConnection) return undefined
    const all = `this connection has ${depth} requests under way, which is all it may have at once`
    return new QuotaExceededError(`${all} (maxRequestsPerConnection)`, { retryAfterMs })
  }

  /** Clients repeat the same name, so the last one is remembered. */
  #isOwnName(host: string | undefined): boolean {
    if (host === this.#lastOwnName) return true
    if (!isLoopbackHostHeader(host)) return false
    this.#lastOwnName = host
    return true
  }

  #refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const { runtime, log } = this.#options
    const { refusal, answer } = refuseMalformed(error, this.#gateway.limits, runtime, log)
    this.#connections.of(socket).fail(refusal, answer)
  }
}

function misdirected(): Error {
  return refuse(
    421,
    'a server without API keys is only called by the name of the machine it runs on, such as localhost; ' +
      'give it keys, or say insecure',
  )
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): KafkaError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'another program listens there; choose another port'
      : error.code === 'EACCES'
        ? 'that takes rights this process lacks'
        : error.message
  return new InvalidRequestError(`cannot listen on ${host} port ${port}: ${why}`, { cause: error })
}

/** The log marks its lines by a level, the audit log by this field. */
function auditToStandardError(entry: AuditEntry): void {
  process.stderr.write(`${JSON.stringify({ audit: true, ...entry })}\n`)
}

/** Writes each entry as one line of JSON to standard error, where container platforms collect it. */
function logToStandardError({ error, ...entry }: Parameters<Log>[0]): void {
  const cause = error instanceof Error ? (error.stack ?? error.message) : error
  process.stderr.write(`${JSON.stringify({ ...entry, error: cause })}\n`)
}
