import type { Connection } from '@platformatic/kafka'
import type { DisconnectedError } from '@kafkado/core'
import type { BrokerAddress } from '../broker-address.ts'
import { type ApiVersion, MalformedMessage } from '@kafkado/messages'
import { apiVersionsApi, type BrokerVersions, nothingKnown, versionsOf } from './broker-versions.ts'
import type { WireSettings } from '../wire-options.ts'
import { ConnectionErrors } from './connection-errors.ts'
import { guardSocket } from './guard-socket.ts'
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

/**
 * A connection to one broker, authenticated, which knows what APIs the broker has. Requests are answered in their
 * order.
 */
export class BrokerConnection {
  readonly address: BrokerAddress
  readonly #lowLevel: LowLevel
  readonly #connection: Connection
  readonly #settings: WireSettings
  #versions: BrokerVersions = nothingKnown
  #retireAtMs = Number.POSITIVE_INFINITY
  readonly #errors: ConnectionErrors
  readonly #closing: AbortSignal
  readonly #onClosing = (): void => {
    if (this.#connection.isConnected()) void this.close()
    else this.#giveUp('the client was closed')
  }
  #gaveUp: DisconnectedError | undefined
  /** Whether the broker has answered anything but what it can do, which it tells everybody. */
  #isProven = false
  #inFlight = 0
  #whenIdle: (() => void) | undefined
  lastUsedMs: number

  private constructor(lower: LowLevel, address: BrokerAddress, settings: WireSettings, closing: AbortSignal) {
    this.#closing = closing
    this.#lowLevel = lower
    this.address = address
    this.#settings = settings
    this.#errors = new ConnectionErrors(lower, address, settings)
    const { clock } = settings.runtime
    this.lastUsedMs = clock.monotonic()
    this.#connection = new lower.Connection(settings.clientId, {
      connectTimeout: settings.connectTimeoutMs,
      requestTimeout: settings.timeoutMs + serverWaitMs,
      maxInflights: mostInFlight,
      ...(settings.tls ? { tls: settings.tls } : {}),
      ...(settings.sasl
        ? {
            sasl: saslExchange(lower, settings.sasl, (lifetimeMs) => {
              this.#retireAtMs = clock.monotonic() + lifetimeMs * lifetimeUsed
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
    const connection = new BrokerConnection(lowLevel(), address, settings, closing)
    closing.throwIfAborted()
    const { clock } = settings.runtime
    // For as long as it lives: whoever had it may have let go of it while something was still under way.
    closing.addEventListener('abort', connection.#onClosing)
    const timer = clock.schedule(settings.connectTimeoutMs, () =>
      connection.#giveUp('it did not answer within the time for connecting (connectTimeout)'),
    )
    try {
      await connection.#open()
    } finally {
      timer.cancel()
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

  /**
   * @throws KafkaError UNSUPPORTED_VERSION when the cluster has not agreed on a feature, such as `transaction.version`
   */
  requireFeature(name: string, level: number, what: string): void {
    const has = this.#versions.features.get(name) ?? 0
    if (has < level) throw this.#errors.missingFeature(name, level, has, what)
  }

  /** What is under way may be answered, but nothing else is to be sent over it. */
  retire(): void {
    this.#retireAtMs = Number.NEGATIVE_INFINITY
  }

  /** Whether requests may be sent over it. */
  get isUsable(): boolean {
    return this.#connection.isConnected() && this.#settings.runtime.clock.monotonic() < this.#retireAtMs
  }

  /**
   * @param answered false for a produce that asks for no acknowledgement
   * @throws KafkaError UNSUPPORTED_VERSION, DisconnectedError, TimeoutError
   */
  async call<Request, Response>(
    api: ApiVersion<Request, Response>,
    request: Request,
    answered = true,
  ): Promise<Response> {
    const known = this.#versions.apis.get(api.key)
    if (!known || api.version < known.minVersion || api.version > known.maxVersion)
      throw this.#errors.unsupported(api, known)
    if (!this.#connection.isConnected()) throw this.#errors.disconnected('the connection is closed', 'failed')
    this.#inFlight++
    try {
      const response = await this.#exchange(api, request, answered)
      this.#isProven = true
      return response
    } catch (error) {
      // What follows on a connection with one answer that cannot be read cannot be trusted either.
      if (error instanceof MalformedMessage) void this.close()
      throw this.#errors.ofRequest(api, error, this.#isProven)
    } finally {
      this.#inFlight--
      this.lastUsedMs = this.#settings.runtime.clock.monotonic()
      if (this.#inFlight === 0) this.#whenIdle?.()
    }
  }

  /** Requests under way fail. Always ends. */
  async close(): Promise<void> {
    this.#closing.removeEventListener('abort', this.#onClosing)
    const { socket } = this.#connection
    const timer = this.#settings.runtime.clock.schedule(closeTimeoutMs, () => socket?.destroy())
    await this.#connection.close().catch(() => undefined)
    timer.cancel()
  }

  async #open(): Promise<void> {
    try {
      const connecting = this.#connection.connect(this.address.host, this.address.port)
      const { socket } = this.#connection
      if (socket) guardSocket(socket, this.#settings.tls ? 'secureConnect' : 'connect')
      await connecting
      const client = { clientSoftwareName: 'kafkado', clientSoftwareVersion: '0' }
      const versions = await this.#exchange(apiVersionsApi, client, true)
      if (versions.errorCode !== 0) throw this.#errors.ofVersions(versions.errorCode)
      this.#versions = versionsOf(versions)
    } catch (error) {
      void this.close()
      throw this.#gaveUp ?? this.#errors.ofOpening(error)
    }
  }

  /** Only an error ends the wait for a connection, and the timer that goes with it. */
  #giveUp(reason: string): void {
    this.#gaveUp = this.#errors.disconnected(reason, 'failed')
    this.#connection.socket?.destroy(this.#gaveUp)
  }

  #exchange<Request, Response>(
    api: ApiVersion<Request, Response>,
    request: Request,
    answered: boolean,
  ): Promise<Response> {
    const payload = (): InstanceType<LowLevel['Writer']> => {
      const writer = this.#lowLevel.Writer.create()
      for (const piece of api.request.write(request))
        writer.append(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
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
          api.response.read(plain(buffer.buffer)),
        api.requestHeaderVersion === 2,
        api.responseHeaderVersion === 1,
        (error, response) => {
          if (error) reject(error)
          else resolve(response as Response)
        },
      )
    })
  }
}

/** Not a Buffer, whose `slice` is no copy. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
