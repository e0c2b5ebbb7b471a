import type { Connection } from '@platformatic/kafka'
import { DisconnectedError, KafkaError, TimeoutError, UnauthorizedError } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { type BrokerAddress, showAddress } from '../broker-address.ts'
import type { AnyApi, Api } from '../codec/api.ts'
import { RequestWriter } from '../codec/request-writer.ts'
import { MalformedResponse, ResponseReader } from '../codec/response-reader.ts'
import { apiVersions, type BrokerVersions, versionsOf } from '../operations/18-api-versions.ts'
import type { WireSettings } from '../wire-options.ts'
import { type LowLevel, lowLevel } from './low-level.ts'
import { saslExchange } from './sasl.ts'

/** How long the broker itself may wait before it answers: for replicas, or for the records of a long poll. */
const serverWaitMs = 30_000
/** A connection is given up before what it has said of itself has run out. */
const lifetimeUsed = 0.8
/** Unlimited, as the caller decides how much is in flight. */
const mostInFlight = 1_000_000
/** A peer that reads no more must not hold up `close()`. */
const closeTimeoutMs = 1000

/** A connection to one broker, authenticated, which knows what APIs the broker has. Requests are answered in their order. */
export class BrokerConnection {
  readonly address: BrokerAddress
  readonly #lowLevel: LowLevel
  readonly #connection: Connection
  readonly #settings: WireSettings
  #versions: BrokerVersions = versionsOf(undefined)
  #retireAtMs = Number.POSITIVE_INFINITY
  /** Whether the broker has answered anything but what it can do, which it tells everybody. */
  #isProven = false
  #inFlight = 0
  #whenIdle: (() => void) | undefined
  lastUsedMs: number

  private constructor(lower: LowLevel, address: BrokerAddress, settings: WireSettings) {
    this.#lowLevel = lower
    this.address = address
    this.#settings = settings
    const { clock } = settings.runtime
    this.lastUsedMs = clock.now()
    this.#connection = new lower.Connection(settings.clientId, {
      connectTimeout: settings.connectTimeoutMs,
      requestTimeout: settings.timeoutMs + serverWaitMs,
      maxInflights: mostInFlight,
      ...(settings.tls ? { tls: settings.tls } : {}),
      ...(settings.sasl
        ? {
            sasl: saslExchange(lower, settings.sasl, (lifetimeMs) => {
              this.#retireAtMs = clock.now() + lifetimeMs * lifetimeUsed
            }),
          }
        : {}),
    })
    // Every request hears of it by itself; an event that nobody listens to would end the process.
    this.#connection.on('error', () => undefined)
  }

  /**
   * @throws DisconnectedError when the broker cannot be reached
   * @throws UnauthorizedError when it does not believe who we are
   */
  static async open(address: BrokerAddress, settings: WireSettings, closing: AbortSignal): Promise<BrokerConnection> {
    const connection = new BrokerConnection(await lowLevel(), address, settings)
    closing.throwIfAborted()
    // Only an error ends the wait for a connection, and the timer that goes with it.
    const giveUp = (): void => void connection.#connection.socket?.destroy(closing.reason as Error)
    closing.addEventListener('abort', giveUp)
    try {
      await connection.#open()
    } finally {
      closing.removeEventListener('abort', giveUp)
    }
    return connection
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Calls once, when no request is under way any more. */
  onceIdle(action: () => void): void {
    this.#whenIdle = action
  }

  /** @throws KafkaError UNSUPPORTED_VERSION when the cluster has not agreed on a feature, such as `transaction.version` */
  requireFeature(name: string, level: number, what: string): void {
    const has = this.#versions.features.get(name) ?? 0
    if (has >= level) return
    const message = `${what} need ${name} ${level}, and the cluster of ${showAddress(this.address)} has ${has}: kafka-features.sh upgrade --feature ${name}=${level}`
    throw errorOfCode('UNSUPPORTED_VERSION', { detail: message })
  }

  /** Whether requests may be sent over it. */
  get isUsable(): boolean {
    return this.#connection.isConnected() && this.#settings.runtime.clock.now() < this.#retireAtMs
  }

  /**
   * @param answered false for a produce that asks for no acknowledgement
   * @throws KafkaError UNSUPPORTED_VERSION, DisconnectedError, TimeoutError
   */
  async call<Request, Response>(api: Api<Request, Response>, request: Request, answered = true): Promise<Response> {
    this.#checkSupported(api)
    if (!this.#connection.isConnected()) throw this.#disconnected('the connection is closed', 'failed')
    this.#inFlight++
    try {
      const response = await this.#exchange(api, request, answered)
      this.#isProven = true
      return response
    } catch (error) {
      throw this.#translated(api, error)
    } finally {
      this.#inFlight--
      this.lastUsedMs = this.#settings.runtime.clock.now()
      if (this.#inFlight === 0) this.#whenIdle?.()
    }
  }

  /** Requests under way fail. Always ends. */
  async close(): Promise<void> {
    const { socket } = this.#connection
    const timer = this.#settings.runtime.clock.schedule(closeTimeoutMs, () => socket?.destroy())
    await this.#connection.close().catch(() => undefined)
    timer.cancel()
  }

  async #open(): Promise<void> {
    try {
      await this.#connection.connect(this.address.host, this.address.port)
      const client = { clientSoftwareName: 'kafkado', clientSoftwareVersion: '0' }
      const versions = await this.#exchange(apiVersions, client, true)
      if (versions.errorCode !== 0)
        throw errorOfCode(versions.errorCode, { detail: 'the broker does not say what it can do' })
      this.#versions = versionsOf(versions)
    } catch (error) {
      void this.close()
      throw this.#openingError(error)
    }
  }

  #exchange<Request, Response>(api: Api<Request, Response>, request: Request, answered: boolean): Promise<Response> {
    const payload = (): InstanceType<LowLevel['Writer']> => {
      const encoded = new RequestWriter(api.isFlexible)
      api.request.write(encoded, request)
      const writer = this.#lowLevel.Writer.create()
      for (const piece of encoded.finish()) writer.append(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
      writer.context['noResponse'] = !answered
      return writer
    }
    return new Promise((resolve, reject) => {
      this.#connection.send<Response>(
        api.key,
        api.version,
        payload,
        (_correlationId, _apiKey, _apiVersion, { buffer }) =>
          // The pieces that came from the socket become one: the only copy of what was fetched.
          api.response.read(new ResponseReader(buffer.buffer, api.isFlexible)),
        api.isFlexible,
        api.hasFlexibleResponseHeader,
        (error, response) => {
          if (error) reject(error)
          else resolve(response as Response)
        },
      )
    })
  }

  #checkSupported({ key, name, version }: AnyApi): void {
    const known = this.#versions.apis.get(key)
    if (known && known.minVersion <= version && version <= known.maxVersion) return
    const has = known ? `it has versions ${known.minVersion} to ${known.maxVersion}` : 'it does not have it'
    const message = `the broker ${showAddress(this.address)} cannot do ${name} in version ${version} (${has}); kafkado needs Apache Kafka 4.0 or later`
    throw errorOfCode('UNSUPPORTED_VERSION', { detail: message })
  }

  #translated({ name }: AnyApi, error: unknown): unknown {
    if (KafkaError.is(error)) return error
    if (error instanceof MalformedResponse) {
      // What follows on this connection cannot be trusted either.
      void this.close()
      const message = `the broker ${showAddress(this.address)} answered ${name} with something that cannot be read: ${error.message}`
      return new KafkaError(message, { code: 'INVALID_RESPONSE', outcome: 'unknown', cause: error })
    }
    const { code, message } = error as { code?: string; message: string }
    if (code === 'PLT_KFK_TIMEOUT')
      return new TimeoutError(`the broker ${showAddress(this.address)} did not answer ${name} in time`, {
        cause: error,
      })
    const hint = this.#isProven || this.#settings.sasl ? '' : missingSecurity
    return this.#disconnected(`${message}${hint}`, 'unknown', error)
  }

  #openingError(error: unknown): KafkaError {
    const { mechanism } = this.#settings.sasl ?? {}
    const where = showAddress(this.address)
    if (causes(error).some((cause) => cause instanceof this.#lowLevel.AuthenticationError)) {
      const reason = causes(error).at(-1)?.message ?? ''
      return new UnauthorizedError(`the broker ${where} does not accept the ${mechanism} credentials: ${reason}`, {
        kafkaCode: 58,
        cause: error,
      })
    }
    const deepest = causes(error).at(-1) as (Error & { code?: string }) | undefined
    const { code, message = String(error) } = deepest ?? {}
    if (code !== undefined && unreachable.has(code)) return this.#disconnected(code, 'failed', error)
    const hint = this.#settings.tls ? '' : missingSecurity
    return this.#disconnected(
      `${message}${code && !message.includes(code) ? ` (${code})` : ''}${hint}`,
      'failed',
      error,
    )
  }

  #disconnected(reason: string, outcome: 'failed' | 'unknown', cause?: unknown): DisconnectedError {
    const verb = outcome === 'failed' ? 'cannot reach' : 'lost the connection to'
    return new DisconnectedError(`${verb} the broker ${showAddress(this.address)}: ${reason}`, { outcome, cause })
  }
}

/** Errors that say nothing of what the listener wants. */
const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
const missingSecurity = ' (does this listener want TLS or SASL? then say so with tls and sasl)'

/** An error and what it was caused by, outermost first. */
function causes(error: unknown): Error[] {
  const chain: Error[] = []
  for (let next = error; next instanceof Error && chain.length < 10;) {
    chain.push(next)
    const { errors } = next as { errors?: unknown[] }
    next = next.cause ?? errors?.[0]
  }
  return chain
}
