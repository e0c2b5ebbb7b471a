import type { Socket } from 'node:net'
import { type Clock, QuotaExceededError } from '@kafkado/core'
import type { Limits } from '../call/limits.ts'
import { overloaded, retryAfterMs } from '../exchange/refusal.ts'
import { Connection } from './connection.ts'

/** The connections of a server, in all and by address. */
export class Connections {
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #bySocket = new WeakMap<Socket, Connection>()
  readonly #byAddress = new Map<string, number>()
  #count = 0

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** A connection beyond the limits stays open for a moment, so that its client can be told. */
  add(socket: Socket): Connection {
    const address = socket.remoteAddress ?? ''
    const refusal = this.#refusalOf(address)
    const connection = new Connection(socket, this.#clock, refusal)
    this.#bySocket.set(socket, connection)
    if (refusal) {
      connection.endSoon()
      return connection
    }
    this.#count++
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
    socket.once('close', () => this.#remove(address))
    return connection
  }

  of(socket: Socket): Connection {
    return this.#bySocket.get(socket) ?? this.add(socket)
  }

  #refusalOf(address: string): Error | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits
    if (this.#count >= maxConnections)
      return overloaded(`${this.#count} connections are open, which is all it takes at once (maxConnections)`)
    const ofAddress = this.#byAddress.get(address) ?? 0
    if (ofAddress < maxConnectionsPerAddress) return undefined
    return new QuotaExceededError(
      `this address has ${ofAddress} connections open, which is all it may have at once (maxConnectionsPerAddress)`,
      { retryAfterMs },
    )
  }

  #remove(address: string): void {
    this.#count--
    const left = (this.#byAddress.get(address) ?? 0) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }
}
