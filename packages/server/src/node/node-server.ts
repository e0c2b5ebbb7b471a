import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import {
  type Duration,
  InvalidRequestError,
  type KafkaError,
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
  isPlainObject,
  objectWith,
  parseConfig,
  problemContentType,
  required,
  sleep,
  textField,
  toMilliseconds,
} from '@kafkado/core/internal'
import { loadKeys } from '../auth/key-file.ts'
import type { ApiKeys } from '../auth/key-ring.ts'
import { Gateway, handlerFields, type HandlerOptions } from '../gateway.ts'
import type { Log } from '../log.ts'
import { TlsFiles, type TlsOptions } from './tls-files.ts'
import { isLoopback, isLoopbackHostHeader } from './loopback.ts'
import { NodeExchange } from './node-exchange.ts'
import { type LogLevel, logLevels, serverLog } from './server-log.ts'
import { problemReply } from '../exchange/problem-details.ts'
import { headersTooLarge, refuse } from '../exchange/refusal.ts'

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
   * Serves HTTPS. Default: plain HTTP, for this machine or behind a proxy that ends TLS. Set it when other machines
   * reach the server directly. Kafka: listeners, security.protocol.
   */
  tls?: TlsOptions | undefined
  /**
   * How long `close()` waits for requests under way. Default 10 s. Raise it when requests take longer, together with
   * the grace period of your container platform.
   */
  drainTimeout?: Duration | undefined
  /**
   * What to write to standard error, as lines of JSON, without `log`: this level and all more serious ones. Default
   * `warn`: faults. `info` adds when the server opens and closes, `debug` a line for each request; `silent` writes
   * nothing. Lines never hold an API key or the content of a record.
   */
  logLevel?: LogLevel | undefined
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
  tls: field(isPlainObject, 'must be { cert, key, clientCa? }, the names of files'),
  drainTimeout: durationField(),
  logLevel: field((value) => logLevels.some((level) => level === value), `must be one of ${logLevels.join(', ')}`),
}

/**
 * Serves a transport over HTTP with node:http.
 *
 * @throws InvalidRequestError when an option is not valid, the port is taken, or others could reach a server without
 *   keys
 */
export async function serve(given: ServeOptions): Promise<RunningServer> {
  const options = parseConfig('server', fields, given)
  const { transport, host = '127.0.0.1', port = 8080, insecure = false, runtime = systemRuntime } = options
  const log = options.log ?? serverLog(options.logLevel ?? 'warn', runtime.clock)
  const drainTimeoutMs = toMilliseconds(options.drainTimeout ?? '10s', 'drainTimeout')
  if (options.keys === undefined && !insecure && !isLoopback(host)) {
    throw new InvalidRequestError(
      `a server without API keys does not listen on ${host}, where others could reach it: give it keys, ` +
        'or say insecure if that is meant',
    )
  }
  const keys = typeof options.keys === 'string' ? await loadKeys(options.keys, { log, runtime }) : options.keys
  const tls = options.tls && (await TlsFiles.open(options.tls))
  const gateway = new Gateway(transport, { keys, limits: options.limits, cors: options.cors, log, runtime })
  const running = new NodeServer(gateway, {
    log,
    runtime,
    drainTimeoutMs,
    tls,
    requiresLoopbackHost: keys === undefined && !insecure,
  })
  await running.listen(host, port)
  return running
}

interface NodeServerOptions {
  readonly log: Log
  readonly runtime: Runtime
  readonly drainTimeoutMs: number
  readonly tls: TlsFiles | undefined
  /** Refuses requests with another Host: a web page could point its own name at this machine (DNS rebinding). */
  readonly requiresLoopbackHost: boolean
}

class NodeServer implements RunningServer {
  readonly #gateway: Gateway
  readonly #options: NodeServerOptions
  readonly #server: Server | TlsServer
  #underWay = 0
  #onIdle: (() => void) | undefined
  #lastOwnName: string | undefined = 'localhost'
  #closed: Promise<void> | undefined
  #address: { url: string; port: number } = { url: '', port: 0 }

  constructor(gateway: Gateway, options: NodeServerOptions) {
    this.#gateway = gateway
    this.#options = options
    const { maxHeaderBytes, requestTimeoutMs, maxLongPollMs } = gateway.limits
    const settings = {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: Math.min(10_000, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 5000,
      keepAliveTimeout: 60_000,
      requireHostHeader: true,
      insecureHTTPParser: false,
      noDelay: true,
    }
    const { tls } = options
    this.#server = tls ? createTlsServer({ ...settings, ...tls.serverOptions }) : createServer(settings)
    // Also ends clients that do not read their answer.
    this.#server.timeout = requestTimeoutMs + maxLongPollMs
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
    const { tls, runtime, log } = this.#options
    if (this.#server instanceof TlsServer) tls?.follow(this.#server, runtime.clock, log)
    log({ level: 'info', message: `the server listens on ${host} port ${actualPort}` })
    this.#address = {
      url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
      port: actualPort,
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #shutDown(): Promise<void> {
    const { runtime, drainTimeoutMs, log } = this.#options
    log({ level: 'info', message: `the server closes, with ${this.#underWay} requests under way` })
    this.#options.tls?.close()
    this.#gateway.close()
    const stopped = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    if (this.#underWay > 0) {
      const drained = new AbortController()
      this.#onIdle = () => drained.abort()
      await sleep(runtime.clock, drainTimeoutMs, drained.signal).catch(() => undefined)
      const left = this.#underWay
      if (left > 0) log({ level: 'warn', message: `${left} requests were not answered within ${drainTimeoutMs} ms` })
    }
    this.#server.closeAllConnections()
    await stopped
    log({ level: 'info', message: 'the server is closed' })
  }

  #answer(request: IncomingMessage, response: ServerResponse, mustContinue: boolean): void {
    this.#underWay++
    const exchange = new NodeExchange(request, response, mustContinue)
    response.on('close', () => {
      exchange.closed()
      this.#underWay--
      if (this.#underWay === 0) this.#onIdle?.()
    })
    const isMisdirected = this.#options.requiresLoopbackHost && !this.#isOwnName(request.headers.host)
    const reply = isMisdirected ? this.#gateway.refuse(exchange, misdirected()) : this.#gateway.handle(exchange)
    reply
      .then((value) => exchange.write(value, this.#options.runtime.clock, this.#gateway.isClosing))
      .catch((error: unknown) => {
        this.#options.log({ level: 'error', message: 'an answer could not be written', error })
        response.destroy()
      })
  }

  /** Clients repeat the same name, so the last one is remembered. */
  #isOwnName(host: string | undefined): boolean {
    if (host === this.#lastOwnName) return true
    if (!isLoopbackHostHeader(host)) return false
    this.#lastOwnName = host
    return true
  }

  /** There is no request to answer when the parser refuses it, so the problem is written as bytes. */
  #refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const { maxHeaderBytes, requestTimeoutMs } = this.#gateway.limits
    const refusal =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? headersTooLarge(maxHeaderBytes)
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? refuse(408, `the request was not received within ${requestTimeoutMs} ms (requestTimeoutMs)`)
          : refuse(400, 'the request is not HTTP/1.1')
    const { runtime, log } = this.#options
    const { status, headers, body } = problemReply(refusal, runtime.random.uuid(), log)
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ` +
        `${headers['content-type'] ?? problemContentType}\r\n` +
        `content-length: ${Buffer.byteLength(body as string)}\r\nconnection: close\r\n\r\n${body as string}`,
    )
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
