import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@kafkado/core'
import { BodyBuffer } from './body-buffer.ts'
import type { Exchange, Reply } from './exchange.ts'
import { refuse } from './refusal.ts'

/** How long a client that is still sending gets to read that it was refused. */
const lingerMs = 1000

/** A request of node:http, without the objects of the fetch standard in between. */
export class NodeExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #mustContinue: boolean

  /** @param mustContinue the client waits for `100 Continue` before it sends the body */
  constructor(request: IncomingMessage, response: ServerResponse, mustContinue: boolean) {
    const target = request.url ?? '/'
    const queryStart = target.indexOf('?')
    this.method = request.method ?? 'GET'
    this.path = queryStart < 0 ? target : target.slice(0, queryStart)
    this.query = queryStart < 0 ? '' : target.slice(queryStart + 1)
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

  readBody(maxBytes: number, reserve: (bytes: number) => void, signal: AbortSignal): Promise<Uint8Array> {
    const request = this.#request
    const { 'content-length': contentLength, 'transfer-encoding': transferEncoding } = request.headers
    return new Promise((resolve, reject) => {
      const declared = contentLength ?? (transferEncoding === undefined ? '0' : undefined)
      // Not from Node's shared pool: the engine may keep slices of the body.
      const buffer = new BodyBuffer(declared, maxBytes, reserve, (bytes) => Buffer.allocUnsafeSlow(bytes))
      if (this.#mustContinue) this.#response.writeContinue()
      this.#mustContinue = false
      const attempt = (step: () => void): void => {
        try {
          step()
        } catch (error) {
          request.off('data', push).pause()
          reject(error as Error)
        }
      }
      const push = (chunk: Buffer): void => {
        if (!signal.aborted) attempt(() => buffer.push(chunk))
      }
      request.on('data', push)
      request.on('end', () => attempt(() => resolve(buffer.finish())))
      request.on('error', () => reject(refuse(400, 'the connection ended before the body did')))
    })
  }

  onDisconnect(listener: () => void): void {
    const response = this.#response
    const check = (): void => {
      if (!response.writableFinished) listener()
    }
    if (response.destroyed) check()
    else response.once('close', check)
  }

  /**
   * Writes the answer. Parts are handed to the socket as they are; nothing waits for it to drain, because a corked response
   * that waits never goes on, and the limits bound what can pile up.
   */
  write(reply: Reply, clock: Clock, isClosing: boolean): void {
    const request = this.#request
    const response = this.#response
    if (response.destroyed) return
    const isUnread = !request.complete
    const parts = typeof reply.body === 'string' ? [Buffer.from(reply.body)] : reply.body
    const headers: Record<string, string | number> = reply.headers
    if (reply.status !== 204) headers['content-length'] = parts.reduce((sum, part) => sum + part.length, 0)
    if (isUnread || isClosing) headers['connection'] = 'close'
    response.cork()
    response.writeHead(reply.status, headers)
    for (const part of parts) if (part.length > 0) response.write(part)
    if (isUnread && !this.#mustContinue) this.#linger(clock)
    else response.end()
  }

  /**
   * A socket closed with unread bytes is reset, and the reset can overtake the answer. So the answer is sent whole, and the
   * connection ends when the client has stopped sending, or soon.
   */
  #linger(clock: Clock): void {
    const request = this.#request
    const response = this.#response
    response.uncork()
    const end = (): void => {
      timer.cancel()
      response.end()
    }
    const timer = clock.schedule(lingerMs, end)
    request.once('end', end).once('close', end).resume()
  }
}
