import type { Socket } from 'node:net'
import type { Clock } from '@kafkado/core'
import type { ConnectionUse } from '../exchange/exchange.ts'

/** How long a client may take to read the last answer of a connection, while it still sends. */
export const lingerMs = 1000

/** A request that has no answer yet. */
interface PendingExchange {
  /** Refuses a body whose rest cannot be understood. Returns false when all of it has arrived. */
  failBody(refusal: Error): boolean
  closed(): void
}

/** The requests that are under way on one socket, in their order, which is that of their answers. */
export class Connection implements ConnectionUse {
  heldBytes = 0
  /** Why it takes no requests; undefined when it takes them. */
  readonly refusal: Error | undefined
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #exchanges: PendingExchange[] = []
  #lastWords: string | undefined
  #isClosed = false

  constructor(socket: Socket, clock: Clock, refusal: Error | undefined) {
    this.#socket = socket
    this.#clock = clock
    this.refusal = refusal
    socket.once('close', () => this.#close())
  }

  get depth(): number {
    return this.#exchanges.length
  }

  begin(exchange: PendingExchange): void {
    this.#exchanges.push(exchange)
    if (this.#isClosed) this.#close()
  }

  /** Call it when the response is closed, sent or not. */
  end(exchange: PendingExchange): void {
    const index = this.#exchanges.indexOf(exchange)
    if (index < 0) return
    this.#exchanges.splice(index, 1)
    exchange.closed()
    if (this.#exchanges.length === 0 && this.#lastWords !== undefined) this.#endWith(this.#lastWords)
  }

  /**
   * The parser understands nothing more. Bytes that are not a request get their answer after those of all requests
   * before them, whose clients would otherwise take it for their own.
   *
   * @param lastWords the answer as bytes
   */
  fail(refusal: Error, lastWords: string): void {
    const newest = this.#exchanges.at(-1)
    if (newest?.failBody(refusal)) return
    if (newest === undefined) this.#endWith(lastWords)
    else this.#lastWords ??= lastWords
  }

  #endWith(lastWords: string): void {
    if (!this.#socket.writable) return
    this.#socket.end(lastWords)
    this.endSoon()
  }

  /** Gives the client a moment to read what was sent. */
  endSoon(): void {
    const timer = this.#clock.schedule(lingerMs, () => this.#socket.destroy(), 'background')
    this.#socket.once('close', () => timer.cancel())
  }

  /** Nobody can read the answers to what is under way. Node tells only the response whose turn it was. */
  #close(): void {
    this.#isClosed = true
    for (const exchange of this.#exchanges.splice(0)) exchange.closed()
  }
}
