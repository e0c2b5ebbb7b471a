import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@kafkado/core'
import { AnswerWriter } from './answer-writer.ts'
import { BodyBuffer, type BodyLimit, type BodyMeter } from '../exchange/body-buffer.ts'
import { type Connection, lingerMs } from './connection.ts'
import type { Exchange, HeldReply, Reply } from '../exchange/exchange.ts'
import { refuse } from '../exchange/refusal.ts'

/** A request of node:http, without objects of the fetch standard in between. */
export class NodeExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly connection: Connection
  readonly address: string | undefined
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #mustContinue: boolean
  #isReadingStopped = false
  #onDisconnect: (() => void) | undefined
  #onClosed: () => void
  #release: (() => void) | undefined
  #isClosed = false
  /** Ends the wait for the rest of a body. */
  #failBody: ((error: Error) => void) | undefined
  /** Why the rest of the body cannot be understood; perhaps known before anybody reads, while the key is looked up. */
  #bodyFault: Error | undefined
  #endLinger: (() => void) | undefined
  #isBroken = false

  /**
   * @param mustContinue the client waits for `100 Continue` before it sends the body
   * @param onClosed is called once, when the answer was sent or nobody can read it
   */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: Connection,
    mustContinue: boolean,
    onClosed: () => void,
  ) {
    const target = request.url ?? '/'
    const queryStart = target.indexOf('?')
    this.method = request.method ?? 'GET'
    this.path = queryStart < 0 ? target : target.slice(0, queryStart)
    this.query = queryStart < 0 ? '' : target.slice(queryStart + 1)
    this.address = request.socket.remoteAddress
    this.#request = request
    this.#response = response
    this.connection = connection
    this.#onClosed = onClosed
    this.#mustContinue = mustContinue
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  headerBytes(): number {
    return 0
  }

  readBody(limit: BodyLimit, meter: BodyMeter): Promise<Uint8Array> {
    const request = this.#request
    const { 'content-length': contentLength, 'transfer-encoding': transferEncoding } = request.headers
    if (this.#bodyFault) return Promise.reject(this.#bodyFault)
    return new Promise<Uint8Array>((resolve, reject) => {
      const declared = contentLength ?? (transferEncoding === undefined ? '0' : undefined)
      const buffer = new BodyBuffer(declared, limit, meter, (bytes) => Buffer.allocUnsafe(bytes))
      if (this.#mustContinue) this.#response.writeContinue()
      this.#mustContinue = false
      this.#failBody = reject
      const push = (chunk: Buffer): void => {
        if (this.#isReadingStopped) return
        try {
          buffer.push(chunk)
        } catch (error) {
          this.stopReading()
          reject(error as Error)
        }
      }
      const fail = (): void => reject(refuse(400, 'the connection ended before the body did'))
      request.on('data', push).on('error', fail)
      request.once('end', () => {
        // A long poll keeps its request, which must not keep the body.
        request.off('data', push).off('error', fail).on('error', ignore)
        try {
          resolve(buffer.finish())
        } catch (error) {
          reject(error as Error)
        }
      })
    }).finally(() => {
      this.#failBody = undefined
    })
  }

  /** Waits until the body has gone by, so that the connection can go on after a refusal. */
  skipBody(clock: Clock): Promise<void> {
    const request = this.#request
    if (request.complete || this.#mustContinue) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = clock.schedule(lingerMs, resolve)
      const end = (): void => {
        timer.cancel()
        resolve()
      }
      request.once('end', end).once('close', end).resume()
    })
  }

  stopReading(): void {
    this.#isReadingStopped = true
  }

  /**
   * Refuses a body whose rest cannot be understood.
   *
   * @returns whether the body had not arrived as a whole
   */
  failBody(refusal: Error): boolean {
    if (this.#request.complete) return false
    this.stopReading()
    this.#bodyFault = refusal
    this.#failBody?.(refusal)
    // No more of it comes, so nothing is waited for.
    this.#isBroken = true
    this.#endLinger?.()
    return true
  }

  onDisconnect(listener: () => void): void {
    this.#onDisconnect = listener
    if (this.#isClosed) listener()
  }

  /** Call it when the response is closed, sent or not. */
  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#release?.()
    if (!this.#response.writableFinished) this.#onDisconnect?.()
    this.#onClosed()
  }

  /** Writes the answer, and closes the connection afterwards if necessary. */
  write(reply: HeldReply, clock: Clock, minBytesPerSecond: number, isClosing: boolean): void {
    const { body, status, release } = reply
    const request = this.#request
    const response = this.#response
    if (this.#isClosed || response.destroyed) {
      release()
      return
    }
    this.#release = release
    const isUnread = !request.complete
    const headers: Record<string, string | number> = reply.headers
    if (status !== 204) headers['content-length'] = lengthOf(body)
    if (isUnread || isClosing || this.connection.refusal) headers['connection'] = 'close'
    response.writeHead(status, headers)
    if (isUnread && !this.#mustContinue && !this.#isBroken) {
      response.write(typeof body === 'string' ? body : Buffer.concat(body))
      this.#linger(clock)
    } else new AnswerWriter(response, clock, minBytesPerSecond).end(body)
  }

  /**
   * Closing a socket with unread bytes resets it, and the reset can overtake the answer. So the whole answer is sent
   * first, and the connection ends when the client has stopped sending, or after a short time.
   */
  #linger(clock: Clock): void {
    const request = this.#request
    const response = this.#response
    const end = (): void => {
      timer.cancel()
      response.end()
    }
    const timer = clock.schedule(lingerMs, end)
    this.#endLinger = end
    request.once('end', end).once('close', end).resume()
  }
}

/** The body has been read; whether the client is gone is told by `onDisconnect`. */
const ignore = (): void => undefined

function lengthOf(body: Reply['body']): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.reduce((sum, part) => sum + part.length, 0)
}
