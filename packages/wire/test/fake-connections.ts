import type { BrokerConnection } from '../src/connection/broker-connection.ts'
import { type Deferred, deferred } from './waiting.ts'

/** A connection as a lane sees it, in the state that a test wants. */
export class FakeConnection {
  readonly number: number
  isUsable = true
  inFlight = 0
  lastUsedMs = 0
  isClosed = false
  #whenIdle: () => void = () => undefined

  constructor(number: number) {
    this.number = number
  }

  /** Counts as a running request until the promise settles. */
  async use<T>(work: Promise<T>): Promise<T> {
    this.inFlight++
    try {
      return await work
    } finally {
      this.inFlight--
      if (this.inFlight === 0) this.#whenIdle()
    }
  }

  onceIdle(action: () => void): void {
    this.#whenIdle = action
  }

  close(): Promise<void> {
    this.isClosed = true
    this.isUsable = false
    return Promise.resolve()
  }
}

/** Opens connections, at once or when the test says so. */
export class FakeConnections {
  readonly made: FakeConnection[] = []
  /** Connections that are awaited, when they are not opened at once. */
  readonly opening: Deferred<FakeConnection>[] = []
  opensAtOnce = true

  readonly open = async (): Promise<BrokerConnection> => {
    if (this.opensAtOnce) return this.#make() as unknown as BrokerConnection
    const waiting = deferred<FakeConnection>()
    this.opening.push(waiting)
    return (await waiting.promise) as unknown as BrokerConnection
  }

  /** Opens the connection that was requested first. */
  openNext(prepare: (connection: FakeConnection) => void = () => undefined): void {
    const connection = this.#make()
    prepare(connection)
    this.opening.shift()?.resolve(connection)
  }

  refuseNext(error: Error): void {
    this.opening.shift()?.reject(error)
  }

  get notClosed(): FakeConnection[] {
    return this.made.filter(({ isClosed }) => !isClosed)
  }

  #make(): FakeConnection {
    const connection = new FakeConnection(this.made.length + 1)
    this.made.push(connection)
    return connection
  }
}
