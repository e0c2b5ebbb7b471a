import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type AnyApiVersion, type ApiVersion, apiVersions } from '@kafkado/messages'
import { apiVersionsApi } from '../src/connection/broker-versions.ts'
import { everyApi } from './every-api.ts'
import { Changes, turns } from './waiting.ts'
import { FrameSplitter, readRequestFrame, responseBody, responseFrame } from './wire-frames.ts'

/** A broker's wrong behaviour in place of an answer. */
export class Misbehaviour {
  readonly kind: 'close' | 'never' | 'silent' | 'body' | 'bytes' | 'last bytes'
  readonly chunks: readonly Uint8Array[]

  constructor(kind: Misbehaviour['kind'], chunks: readonly Uint8Array[] = []) {
    this.kind = kind
    this.chunks = chunks
  }
}

/** Closes the connection without an answer. */
export const closeConnection = new Misbehaviour('close')
/** Never answers, which also holds up all later answers on this connection. */
export const neverAnswer = new Misbehaviour('never')
/** Sends no answer, because none is due, as for a produce with acks 0. */
export const noAnswer = new Misbehaviour('silent')
/** A right header, followed by these bytes. */
export const rawBody = (...bytes: number[]): Misbehaviour => new Misbehaviour('body', [Uint8Array.from(bytes)])
/** Only these bytes, each chunk in its own turn of the event loop. */
export const rawBytes = (...chunks: Uint8Array[]): Misbehaviour => new Misbehaviour('bytes', chunks)
/** The same, and then closes the connection. */
export const lastBytes = (...chunks: Uint8Array[]): Misbehaviour => new Misbehaviour('last bytes', chunks)

/** One request and its connection. */
export interface Exchange {
  readonly broker: FakeBroker
  readonly api: AnyApiVersion
  readonly request: unknown
  readonly clientId: string | null
  /** Connections are numbered in the order of their creation. */
  readonly connection: number
  /** The whole answer as bytes, for tests that send it in their own way. */
  frameOf(response: unknown): Buffer
}

export type Script<Request, Response> = (
  request: Request,
  exchange: Exchange,
) => Response | Misbehaviour | Promise<Response | Misbehaviour>

interface Connection {
  readonly socket: Socket
  readonly number: number
}

// Scripts of all APIs by key; `once` and `always` tie each to its own.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyScript = Script<any, any>

/**
 * A broker on 127.0.0.1 whose answers the test decides. It records its requests, and serves each connection's requests
 * one by one.
 */
export class FakeBroker {
  readonly nodeId: number
  /** The APIs and versions that it claims to have; a test may change them. */
  readonly versions = new Map<number, { minVersion: number; maxVersion: number }>()
  /** The features that its cluster claims to have enabled. */
  readonly features = new Map([['transaction.version', 2]])
  /** All requests except ApiVersions, in the order of arrival. */
  readonly received: Exchange[] = []
  /** Received bytes that it could not understand. */
  readonly problems: string[] = []
  /** How many connections were made. */
  connectionCount = 0
  readonly #apis = new Map<number, AnyApiVersion>()
  readonly #changes = new Changes()
  readonly #connections = new Set<Connection>()
  readonly #once = new Map<number, AnyScript[]>()
  readonly #always = new Map<number, AnyScript>()
  #server: Server | undefined
  #port = 0

  constructor(nodeId: number) {
    this.nodeId = nodeId
    for (const api of everyApi) this.learn(api)
    this.#always.set(apiVersionsApi.key, () => this.#versionsAnswer())
  }

  /** Another API that it has, in one version. */
  learn(api: AnyApiVersion): this {
    this.#apis.set(api.key, api)
    this.versions.set(api.key, { minVersion: api.version, maxVersion: api.version })
    return this
  }

  /** The answer to an API, unless a `once` script is left. */
  always<Request, Response>(
    api: ApiVersion<unknown, unknown, Request, Response>,
    script: Script<Request, Response>,
  ): this {
    this.#always.set(api.key, script)
    return this
  }

  /** The answers to the next requests of an API, one after the other. */
  once<Request, Response>(
    api: ApiVersion<unknown, unknown, Request, Response>,
    ...scripts: Script<Request, Response>[]
  ): this {
    const scripted = this.#once.get(api.key) ?? []
    scripted.push(...scripts)
    this.#once.set(api.key, scripted)
    return this
  }

  get port(): number {
    return this.#port
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** The number of open connections. */
  get openConnections(): number {
    return this.#connections.size
  }

  /** Listens, on its former port if it had one. */
  async start(): Promise<this> {
    // When a client ends its side, the broker reacts, not Node.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#serve(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  /** Listens on a new port. */
  startElsewhere(): Promise<this> {
    this.#port = 0
    return this.start()
  }

  /** Disappears like a killed broker: all connections end, new ones are refused. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    const closed = new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
    this.dropConnections()
    await closed
  }

  /** Ends all connections, like a failing network. */
  dropConnections(): void {
    for (const { socket } of this.#connections) socket.resetAndDestroy()
  }

  /** Stops reading from the open connections. */
  stopReading(): void {
    for (const { socket } of this.#connections) socket.pause()
  }

  requestsOf<Request>(api: ApiVersion<unknown, unknown, Request>): Request[] {
    return this.received.filter((exchange) => exchange.api.key === api.key).map(({ request }) => request as Request)
  }

  /** The connections that the requests of an API used, in order. */
  connectionsOf(api: AnyApiVersion): number[] {
    return this.received.filter((exchange) => exchange.api.key === api.key).map(({ connection }) => connection)
  }

  /** Waits until that many requests of an API have arrived. */
  async asked(api: AnyApiVersion, count = 1): Promise<void> {
    await this.until(
      () => this.connectionsOf(api).length >= count,
      () => `broker ${this.nodeId} was asked ${api.name} ${this.connectionsOf(api).length} times, not ${count}`,
    )
  }

  /** Waits until that many connections are open. */
  async connected(count: number): Promise<void> {
    await this.until(
      () => this.openConnections === count,
      () => `broker ${this.nodeId} has ${this.openConnections} connections, not ${count}`,
    )
  }

  async until(isSo: () => boolean, what: () => string): Promise<void> {
    await this.#changes.until(() => isSo() || undefined, what)
  }

  #serve(socket: Socket): void {
    const connection: Connection = { socket, number: ++this.connectionCount }
    const frames = new FrameSplitter()
    let turn = Promise.resolve()
    this.#connections.add(connection)
    this.#changes.announce()
    socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) turn = turn.then(() => this.#answer(connection, frame))
    })
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      this.#connections.delete(connection)
      this.#changes.announce()
    })
  }

  async #answer(connection: Connection, frame: Buffer): Promise<void> {
    const { socket, number } = connection
    const { apiKey, apiVersion, correlationId, clientId, body } = readRequestFrame(frame, (key, version) =>
      key === apiVersionsApi.key ? version >= 3 : this.#apis.get(key)?.requestHeaderVersion !== 1,
    )
    if (apiKey === apiVersionsApi.key && apiVersion < 3) {
      socket.write(responseFrame(correlationId, this.#oldVersionsAnswer(), false))
      return
    }
    const api = this.#apis.get(apiKey)
    const script = this.#once.get(apiKey)?.shift() ?? this.#always.get(apiKey)
    if (!api || api.version !== apiVersion || !script) {
      this.problems.push(`broker ${this.nodeId} has no answer to API ${apiKey} in version ${apiVersion}`)
      socket.destroy()
      return
    }
    const request: unknown = api.request.read(body)
    const frameWith = (content: Uint8Array): Buffer =>
      responseFrame(correlationId, content, api.responseHeaderVersion === 1)
    const frameOf = (response: unknown): Buffer => frameWith(responseBody(api, response))
    const exchange: Exchange = { broker: this, api, request, clientId, connection: number, frameOf }
    if (apiKey !== apiVersionsApi.key) this.received.push(exchange)
    const answering = (async () => script(request, exchange))()
    this.#changes.announce()
    const answer: unknown = await answering
    if (!(answer instanceof Misbehaviour)) socket.write(frameOf(answer))
    else await this.#misbehave(socket, answer, frameWith)
  }

  async #misbehave(
    socket: Socket,
    { kind, chunks }: Misbehaviour,
    frameWith: (content: Uint8Array) => Buffer,
  ): Promise<void> {
    if (kind === 'close') socket.destroy()
    else if (kind === 'never') await new Promise(() => undefined)
    else if (kind === 'body') socket.write(frameWith(Buffer.concat(chunks)))
    else if (kind !== 'silent') {
      for (const chunk of chunks) {
        socket.write(chunk)
        // The other side is in this process: give it turns to read before the next piece.
        await turns(2)
      }
      if (kind === 'last bytes') socket.end()
    }
  }

  #versionsAnswer(): Parameters<typeof apiVersionsApi.response.write>[0] {
    const apiKeys = [...this.versions].map(([apiKey, versions]) => ({ apiKey, ...versions }))
    const finalizedFeatures = [...this.features].map(([name, level]) => ({
      name,
      maxVersionLevel: level,
      minVersionLevel: 0,
    }))
    return { errorCode: 0, apiKeys, finalizedFeaturesEpoch: 1, finalizedFeatures, throttleTimeMs: 0 }
  }

  /** The answer to the old version that @platformatic/kafka requests before SASL. */
  #oldVersionsAnswer(): Buffer {
    const apiKeys = [...this.versions].map(([apiKey, versions]) => ({ apiKey, ...versions }))
    return responseBody(apiVersions.at(1), { errorCode: 0, apiKeys, throttleTimeMs: 0 })
  }
}
