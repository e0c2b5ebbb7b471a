import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { InvalidRequestError, type KafkaError, QuotaExceededError, type Runtime, systemRuntime } from '@kafkado/core'
import { parseConfig, sleep, toMilliseconds } from '@kafkado/core/internal'
import { loadKeys } from '../auth/key-file.ts'
import type { Connection } from './connection.ts'
import { Connections } from './connections.ts'
import { Gateway } from '../gateway.ts'
import type { Log } from '../log.ts'
import { TlsFiles } from './tls-files.ts'
import { isLoopback, isLoopbackHostHeader } from './loopback.ts'
import { refuseMalformed } from './malformed.ts'
import { NodeExchange } from './node-exchange.ts'
import { repeatedHeaderOf } from './repeated-header.ts'
import { type RunningServer, serveFields, type ServeOptions } from './serve-options.ts'
import { auditToStandardError, serverLog } from './server-log.ts'
import { refuse, retryAfterMs } from '../exchange/refusal.ts'

/**
 * Serves a transport over HTTP with node:http.
 *
 * @throws InvalidRequestError when an option is not valid, the port is taken, or others could reach a server without
 *   keys
 */
export async function serve(given: ServeOptions): Promise<RunningServer> {
  const options = parseConfig('server', serveFields, given)
  const { transport, host = '127.0.0.1', port = 8080, insecure = false, runtime = systemRuntime } = options
  const log = options.log ?? serverLog(options.logLevel ?? 'warn', runtime.clock)
  const timeouts = {
    drainTimeoutMs: toMilliseconds(options.drainTimeout ?? '10s', 'drainTimeout'),
    keepAliveTimeoutMs: toMilliseconds(options.keepAliveTimeout ?? '60s', 'keepAliveTimeout'),
    headersTimeoutMs: toMilliseconds(options.headersTimeout ?? '10s', 'headersTimeout'),
  }
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
  const tls = options.tls && (await TlsFiles.open(options.tls))
  const gateway = new Gateway(transport, { keys, limits: options.limits, cors: options.cors, audit, log, runtime })
  const running = new NodeServer(gateway, {
    log,
    runtime,
    ...timeouts,
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
  readonly keepAliveTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly tls: TlsFiles | undefined
  /** Refuses requests with another Host: a web page could point its own name at this machine (DNS rebinding). */
  readonly requiresLoopbackHost: boolean
}

const mostCheckingMs = 5000

class NodeServer implements RunningServer {
  readonly #gateway: Gateway
  readonly #options: NodeServerOptions
  readonly #server: Server | TlsServer
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
    const headersTimeout = Math.min(options.headersTimeoutMs, requestTimeoutMs)
    const settings = {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout,
      requestTimeout: requestTimeoutMs,
      // How late Node notices that headers have not arrived in time.
      connectionsCheckingInterval: Math.min(mostCheckingMs, headersTimeout),
      keepAliveTimeout: options.keepAliveTimeoutMs,
      // Refused below, with a problem document, which Node's own refusal lacks.
      requireHostHeader: false,
      insecureHTTPParser: false,
      noDelay: true,
    }
    const { tls } = options
    this.#server = tls ? createTlsServer({ ...settings, ...tls.serverOptions }) : createServer(settings)
    this.#server.timeout = requestTimeoutMs + maxLongPollMs
    // So many are told why, which takes a moment; more are closed at once.
    this.#server.maxConnections = Math.ceil(maxConnections * 1.1)
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => this.#connections.add(socket))
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
    if (headers.host === undefined && httpVersion === '1.1') return refuse(400, 'the request has no Host header')
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
