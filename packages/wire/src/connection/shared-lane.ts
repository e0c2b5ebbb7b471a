import type { BrokerConnection } from './broker-connection.ts'
import { enqueue, type Lane, laneClosed, type OpenConnection, type Waiting } from './lane.ts'

/** A few connections, each for many requests at a time. */
export class SharedLane implements Lane {
  readonly #slots: readonly Slot[]
  #turn = 0

  constructor(open: OpenConnection, size: number) {
    this.#slots = Array.from({ length: size }, () => new Slot(open))
  }

  run<T>(use: (connection: BrokerConnection) => Promise<T>, key?: string | number): Promise<T> {
    const slot = key === undefined ? this.#leastBusy() : this.#slots[indexOf(key, this.#slots.length)]
    return (slot as Slot).run(use)
  }

  closeIdle(sinceMs: number): number {
    return this.#slots.filter((slot) => slot.isNeeded(sinceMs)).length
  }

  retire(): void {
    for (const slot of this.#slots) slot.retire()
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()))
  }

  /** Takes turns among the least busy ones, so that the second connection opens when the first is in use. */
  #leastBusy(): Slot {
    const first = this.#turn++ % this.#slots.length
    const inTurn = [...this.#slots.slice(first), ...this.#slots.slice(0, first)]
    return inTurn.reduce((best, slot) => (slot.load < best.load ? slot : best))
  }
}

/** The place of one connection, which is opened when needed, and again when it is no longer usable. */
class Slot {
  readonly #open: OpenConnection
  readonly #waiting: Waiting[] = []
  #connection: BrokerConnection | undefined
  #isOpening = false
  #isClosed = false

  constructor(open: OpenConnection) {
    this.#open = open
  }

  /** The number of running or waiting requests; a connection that is still to be opened counts as one. */
  get load(): number {
    return this.#waiting.length + (this.#connection?.isUsable ? this.#connection.inFlight : 1)
  }

  async run<T>(use: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    const connection = this.#connection
    // Requests that waited for the connection go first, even if it is open by now.
    if (connection?.isUsable && this.#waiting.length === 0) return use(connection)
    if (this.#isClosed) throw laneClosed()
    const answer = enqueue(this.#waiting, use)
    this.#serve()
    return answer
  }

  /** Whether the connection was used since; if not, closes it. */
  isNeeded(sinceMs: number): boolean {
    const connection = this.#connection
    if (!connection) return this.#isOpening
    if (connection.inFlight > 0 || (connection.isUsable && connection.lastUsedMs > sinceMs)) return true
    this.#drop()
    return false
  }

  retire(): void {
    this.#isClosed = true
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(laneClosed())
    this.#drop()
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.retire()
    await connection?.close()
  }

  #serve(): void {
    while (this.#connection?.isUsable && this.#waiting.length > 0) void this.#waiting.shift()?.send(this.#connection)
    if (this.#waiting.length === 0 || this.#isOpening || this.#isClosed) return
    this.#drop()
    this.#isOpening = true
    void this.#openAnew()
  }

  async #openAnew(): Promise<void> {
    try {
      const connection = await this.#open()
      this.#connection = connection
      // If every new connection is unusable, waiting requests must not open new ones for ever.
      if (this.#isClosed || !connection.isUsable) throw laneClosed()
    } catch (error) {
      this.#drop()
      for (const waiting of this.#waiting.splice(0)) waiting.refuse(error)
    }
    this.#isOpening = false
    this.#serve()
  }

  /** Running requests may still be answered; at the latest they end at the connection's timeout. */
  #drop(): void {
    const connection = this.#connection
    this.#connection = undefined
    if (connection?.inFlight === 0) void connection.close()
    else connection?.onceIdle(() => void connection.close())
  }
}

function indexOf(key: string | number, slots: number): number {
  let hash = 0
  for (const character of String(key)) hash = (Math.imul(hash, 31) + (character.codePointAt(0) as number)) | 0
  return Math.abs(hash % slots)
}
