import type { BrokerConnection } from './broker-connection.ts'

export type OpenConnection = () => Promise<BrokerConnection>

/** Connections to one broker for one kind of request. A broker answers a connection's requests one by one, so what may wait has its own. */
export interface Lane {
  /**
   * Sends over a connection of the lane.
   *
   * @param key requests of the same key take the same connection, so that they arrive in order
   */
  run<T>(use: (connection: BrokerConnection) => Promise<T>, key?: string | number): Promise<T>
  /** Closes what has not been used since. @returns how many connections are left */
  closeIdle(sinceMs: number): number
  close(): Promise<void>
}

/** A few connections over which many requests go at a time. */
export class SharedLane implements Lane {
  readonly #open: OpenConnection
  readonly #slots: (Promise<BrokerConnection> | undefined)[]
  readonly #ready: (BrokerConnection | undefined)[]
  #turn = 0

  constructor(open: OpenConnection, size: number) {
    this.#open = open
    this.#slots = Array.from({ length: size }, () => undefined)
    this.#ready = Array.from({ length: size }, () => undefined)
  }

  async run<T>(use: (connection: BrokerConnection) => Promise<T>, key?: string | number): Promise<T> {
    const index = key === undefined ? this.#leastBusy() : slotOf(key, this.#slots.length)
    const ready = this.#ready[index]
    return use(ready?.isUsable ? ready : await this.#connection(index))
  }

  closeIdle(sinceMs: number): number {
    let left = 0
    for (const [index, connection] of this.#ready.entries()) {
      if (!connection) continue
      if (connection.inFlight > 0 || (connection.isUsable && connection.lastUsedMs > sinceMs)) left++
      else this.#drop(index, connection)
    }
    return left
  }

  async close(): Promise<void> {
    // What is still being opened is closed by whoever opens it.
    await Promise.all(this.#ready.map((connection) => connection?.close()))
  }

  /** In turns, so that the second connection is opened when the first is in use. */
  #leastBusy(): number {
    let best = this.#turn++ % this.#slots.length
    for (const [index, connection] of this.#ready.entries()) {
      const other = this.#ready[best]
      if (connection?.isUsable && connection.inFlight < (other?.isUsable ? other.inFlight : 1)) best = index
    }
    return best
  }

  async #connection(index: number): Promise<BrokerConnection> {
    const slot = this.#slots[index]
    if (slot) {
      const connection = await slot
      if (connection.isUsable) return connection
      // Others may have noticed before.
      if (this.#slots[index] === slot) this.#drop(index, connection)
      return this.#connection(index)
    }
    const opening = this.#open()
    this.#slots[index] = opening
    try {
      const connection = await opening
      if (this.#slots[index] === opening) this.#ready[index] = connection
      return connection
    } catch (error) {
      if (this.#slots[index] === opening) this.#slots[index] = undefined
      throw error
    }
  }

  #drop(index: number, connection: BrokerConnection): void {
    this.#slots[index] = undefined
    this.#ready[index] = undefined
    closeWhenDone(connection)
  }
}

/** Connections that are each for one request at a time: long polls, which a broker holds for seconds. */
export class ExclusiveLane implements Lane {
  readonly #open: OpenConnection
  readonly #size: number
  readonly #idle: BrokerConnection[] = []
  readonly #busy = new Set<BrokerConnection>()
  readonly #waiting: (() => void)[] = []
  #opening = 0
  #isClosed = false

  constructor(open: OpenConnection, size: number) {
    this.#open = open
    this.#size = size
  }

  async run<T>(use: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    const connection = await this.#take()
    this.#busy.add(connection)
    try {
      return await use(connection)
    } finally {
      this.#busy.delete(connection)
      if (this.#isClosed || !connection.isUsable) void connection.close()
      else this.#idle.push(connection)
      this.#waiting.shift()?.()
    }
  }

  closeIdle(sinceMs: number): number {
    // The last used is taken first, so those at the front are the ones that nobody needs.
    while (this.#idle[0] && this.#idle[0].lastUsedMs <= sinceMs) void this.#idle.shift()?.close()
    return this.#idle.length + this.#busy.size + this.#opening
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((connection) => connection.close()))
  }

  async #take(): Promise<BrokerConnection> {
    for (;;) {
      const idle = this.#idle.pop()
      if (idle?.isUsable) return idle
      if (idle) {
        void idle.close()
        continue
      }
      if (this.#busy.size + this.#opening < this.#size) break
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#opening++
    try {
      return await this.#open()
    } catch (error) {
      this.#waiting.shift()?.()
      throw error
    } finally {
      this.#opening--
    }
  }
}

function slotOf(key: string | number, slots: number): number {
  let hash = 0
  for (const character of String(key)) hash = (Math.imul(hash, 31) + (character.codePointAt(0) as number)) | 0
  return Math.abs(hash % slots)
}

/** Requests that are under way are still answered; each of them ends by itself at the connection's timeout. */
function closeWhenDone(connection: BrokerConnection): void {
  if (connection.inFlight === 0) void connection.close()
  else connection.onceIdle(() => void connection.close())
}
