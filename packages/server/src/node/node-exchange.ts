import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@kafkado/core'
import { BodyBuffer, type BodyLimit } from '../exchange/body-buffer.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import { refuse } from '../exchange/refusal.ts'

/** How long a client that is still sending may take to read its refusal. */
const lingerMs = 1000

/** A request of node:http, without objects of the fetch standard in between. */
export class NodeExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly address: string | undefined
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #mustContinue: boolean
  #isReadingStopped = false
  #onDisconnect: (() => void) | undefined

  /** @param mustContinue the client waits for `100 Continue` before it sends the body */
  constructor(request: IncomingMessage, response: ServerResponse, mustContinue: boolean) {
    const target = request.url ?? '/'
    const queryStart = target.indexOf('?')
    this.method = request.method ?? 'GET'
    this.path = queryStart < 0 ? target : target.slice(0, queryStart)
    this.query = queryStart < 0 ? '' : target.slice(queryStart + 1)
    this.address = request.socket.remoteAddress
    this.#request = request
    this.#response = response
    this.#mustContinue = mustContinue
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  headerBytes(): number {
    return 0
  }

  readBody(limit: BodyLimit, reserve: (bytes: number) => void): Promise<Uint8Array> {
    const request = this.#request
    const { 'content-length': contentLength, 'transfer-encoding': transferEncoding } = request.headers
    return new Promise((resolve, reject) => {
      const declared = contentLength ?? (transferEncoding === undefined ? '0' : undefined)
      const buffer = new BodyBuffer(declared, limit, reserve, (bytes) => Buffer.allocUnsafe(bytes))
      if (this.#mustContinue) this.#response.writeContinue()
      this.#mustContinue = false
      request.on('data', (chunk: Buffer) => {
        if (this.#isReadingStopped) return
        try {
          buffer.push(chunk)
        } catch (error) {
          this.stopReading()
          reject(error as Error)
        }
      })
      request.on('end', () => {
        try {
          resolve(buffer.finish())
        } catch (error) {
          reject(error as Error)
        }
      })
      request.on('error', () => reject(refuse(400, 'the connection ended before the body did')))
    })
  }

  stopReading(): void {
    this.#isReadingStopped = true
  }

  onDisconnect(listener: () => void): void {
    this.#onDisconnect = listener
    if (this.#response.destroyed) this.closed()
  }

  /** Call it when the response is closed, sent or not. */
  closed(): void {
    if (!this.#response.writableFinished) this.#onDisconnect?.()
  }

  /** Writes the answer, and closes the connection afterwards if necessary. */
  write(reply: Reply, clock: Clock, isClosing: boolean): void {
    const { body, status } = reply
    const request = this.#request
    const response = this.#response
    if (response.destroyed) return
    const isUnread = !request.complete
    const headers: Record<string, string | number> = reply.headers
    if (status !== 204) headers['content-length'] = lengthOf(body)
    if (isUnread || isClosing) headers['connection'] = 'close'
    response.writeHead(status, headers)
    if (isUnread && !this.#mustContinue) {
      response.write(typeof body === 'string' ? body : Buffer.concat(body))
      this.#linger(clock)
    } else if (typeof body === 'string') response.end(body)
    else this.#writeParts(body)
  }

  /**
   * Gives all parts to the socket at once. It does not wait for the socket to drain: a corked response that waits never
   * continues, and the limits bound the bytes that can pile up.
   */
  #writeParts(parts: readonly Uint8Array[]): void {
    this.#response.cork()
    for (const part of parts) if (part.length > 0) this.#response.write(part)
    this.#response.end()
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
    request.once('end', end).once('close', end).resume()
  }
}

function lengthOf(body: Reply['body']): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.reduce((sum, part) => sum + part.length, 0)
}
