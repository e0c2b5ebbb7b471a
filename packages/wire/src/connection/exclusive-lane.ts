import type { BrokerConnection } from './broker-connection.ts'
import { enqueue, type Lane, laneClosed, type OpenConnection, type Waiting } from './lane.ts'

/** Connections for one request at a time: long polls, which a broker holds for seconds. */
export class ExclusiveLane implements Lane {
  readonly #open: OpenConnection
  readonly #size: number
  readonly #idle: BrokerConnection[] = []
  readonly #busy = new Set<BrokerConnection>()
  readonly #waiting: Waiting[] = []
  #opening = 0
  #isClosed = false

  constructor(open: OpenConnection, size: number) {
    this.#open = open
    this.#size = size
  }

  async run<T>(use: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw laneClosed()
    const answer = enqueue(this.#waiting, use)
    this.#serve()
    return answer
  }

  closeIdle(sinceMs: number): number {
    // The most recently used connection is taken first, so the unneeded ones are at the front.
    while (this.#idle[0] && this.#idle[0].lastUsedMs <= sinceMs) void this.#idle.shift()?.close()
    return this.#idle.length + this.#busy.size + this.#opening
  }

  retire(): void {
    this.#isClosed = true
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(laneClosed())
    for (const connection of this.#idle.splice(0)) void connection.close()
  }

  async close(): Promise<void> {
    const connections = [...this.#idle, ...this.#busy]
    this.retire()
    await Promise.all(connections.map((connection) => connection.close()))
  }

  /** Gives connections to waiting requests, first come, first served, and opens the missing ones. */
  #serve(): void {
    while (this.#waiting.length > 0) {
      const connection = this.#idle.pop()
      if (!connection) break
      if (connection.isUsable) void this.#use(connection, this.#waiting.shift() as Waiting)
      else void connection.close()
    }
    while (this.#opening < this.#waiting.length && this.#busy.size + this.#opening < this.#size) {
      this.#opening++
      void this.#openAnother()
    }
  }

  async #use(connection: BrokerConnection, waiting: Waiting): Promise<void> {
    this.#busy.add(connection)
    await waiting.send(connection)
    this.#busy.delete(connection)
    this.#giveBack(connection)
  }

  async #openAnother(): Promise<void> {
    let connection: BrokerConnection
    try {
      connection = await this.#open()
    } catch (error) {
      this.#opening--
      this.#waiting.shift()?.refuse(error)
      this.#serve()
      return
    }
    this.#opening--
    // If every new connection is unusable, waiting requests must not open new ones for ever.
    if (!connection.isUsable) this.#waiting.shift()?.refuse(laneClosed())
    this.#giveBack(connection)
  }

  #giveBack(connection: BrokerConnection): void {
    if (this.#isClosed || !connection.isUsable) void connection.close()
    else this.#idle.push(connection)
    this.#serve()
  }
}
