import type { BrokerConnection } from './broker-connection.ts'
import { enqueue, type Lane, laneClosed, type OpenConnection, type Waiting } from './lane.ts'

/** A few connections over which many requests go at a time. */
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

  /** In turns among the least busy, so that the second connection is opened when the first is in use. */
  #leastBusy(): Slot {
    const first = this.#turn++ % this.#slots.length
    const inTurn = [...this.#slots.slice(first), ...this.#slots.slice(0, first)]
    return inTurn.reduce((best, slot) => (slot.load < best.load ? slot : best))
  }
}

/** The place of one connection, which is made when it is needed and made anew when it can no longer be used. */
class Slot {
  readonly #open: OpenConnection
  readonly #waiting: Waiting[] = []
  #connection: BrokerConnection | undefined
  #isOpening = false
  #isClosed = false

  constructor(open: OpenConnection) {
    this.#open = open
  }

  /** How much is under way or waiting; a connection that has yet to be made counts as one request. */
  get load(): number {
    return this.#waiting.length + (this.#connection?.isUsable ? this.#connection.inFlight : 1)
  }

  async run<T>(use: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    const connection = this.#connection
    // Who waits for the connection comes first, also when it is there by now.
    if (connection?.isUsable && this.#waiting.length === 0) return use(connection)
    if (this.#isClosed) throw laneClosed()
    const answer = enqueue(this.#waiting, use)
    this.#serve()
    return answer
  }

  /** Closes the connection when it has not been used since. */
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
      // One that cannot be used from the first moment on would be made again for ever.
      if (this.#isClosed || !connection.isUsable) throw laneClosed()
    } catch (error) {
      this.#drop()
      for (const waiting of this.#waiting.splice(0)) waiting.refuse(error)
    }
    this.#isOpening = false
    this.#serve()
  }

  /** Requests that are under way are still answered; each of them ends by itself at the connection's timeout. */
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
