import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Transport } from '@kafkado/core'
import { type RunningServer, serve } from '@kafkado/server/node'
import { KillableProcess } from '../reliability/killable-process.ts'

/** One of several servers over the same engine, on a port that stays. */
export interface MortalGateway extends AsyncDisposable {
  readonly url: string
  /** Ends it in the middle of everything. */
  kill(): Promise<void>
  /** Brings it back. */
  start(): Promise<void>
}

/**
 * A server of this process. It dies with all its connections reset, while what was asked of the engine goes on there.
 */
export class GatewayHere implements MortalGateway {
  readonly #engine: Transport
  readonly #sockets = new Set<Socket>()
  #server: RunningServer | undefined
  #port = 0

  constructor(engine: Transport) {
    this.#engine = engine
    subscribe('net.server.socket', this.#notice)
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    this.#server = await serve({ transport: this.#engine, port: this.#port, drainTimeout: 1, log: () => undefined })
    this.#port = this.#server.port
  }

  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await this.#server?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unsubscribe('net.server.socket', this.#notice)
    await this.kill()
  }

  readonly #notice = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    if (socket.localPort !== this.#port) return
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }
}

const gatewayFile = fileURLToPath(new URL('gateway-process.ts', import.meta.url))

/** A server in a process of its own, which dies by kill -9. */
export class GatewayProcess implements MortalGateway {
  readonly #engineUrl: string
  #process: KillableProcess | undefined
  url = ''

  constructor(engineUrl: string) {
    this.#engineUrl = engineUrl
  }

  async start(): Promise<void> {
    const port = this.url === '' ? '0' : new URL(this.url).port
    this.#process = new KillableProcess(gatewayFile, this.#engineUrl, port)
    const { url } = (await this.#process.message()) as { url: string }
    this.url = url
  }

  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}
