import type { Transport } from '@kafkado/core'
import { BodyBuffer, type BodyLimit, type BodyMeter } from './exchange/body-buffer.ts'
import type { Exchange, HeldReply } from './exchange/exchange.ts'
import { Gateway, type HandlerOptions } from './gateway.ts'
import { refuse } from './exchange/refusal.ts'

/**
 * Serves a transport over HTTP by the fetch standard: for edge runtimes, frameworks, and tests without a socket.
 *
 * It authenticates clients only with `keys`; without them, make sure that only trusted clients can reach it.
 *
 * @throws InvalidRequestError when an option is not valid
 */
export function createHandler(
  transport: Transport,
  options: HandlerOptions = {},
): (request: Request) => Promise<Response> {
  const gateway = new Gateway(transport, options)
  return async (request) => toResponse(request.method, await gateway.handle(new FetchExchange(request)))
}

class FetchExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly connection = undefined
  readonly address = undefined
  readonly #request: Request
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor(request: Request) {
    const { pathname, search } = new URL(request.url)
    this.method = request.method
    this.path = pathname
    this.query = search.slice(1)
    this.#request = request
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined
  }

  headerBytes(): number {
    let bytes = this.#request.url.length
    for (const [name, value] of this.#request.headers) bytes += name.length + value.length + 4
    return bytes
  }

  async readBody(limit: BodyLimit, meter: BodyMeter): Promise<Uint8Array> {
    const declared = this.header('content-length')
    if (declared !== undefined && this.header('transfer-encoding') !== undefined) {
      throw refuse(400, 'a request has a content-length or a transfer-encoding, never both')
    }
    const { body } = this.#request
    const buffer = new BodyBuffer(body ? declared : (declared ?? '0'), limit, meter)
    if (!body) return buffer.finish()
    const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
    this.#reader = reader
    try {
      for (let chunk = await nextOf(reader); !chunk.done; chunk = await nextOf(reader)) buffer.push(chunk.value)
      return buffer.finish()
    } catch (error) {
      this.stopReading()
      throw error
    }
  }

  stopReading(): void {
    // The cancellation tells the client that its body is too large. If it fails, nothing changes.
    this.#reader?.cancel().catch(() => undefined)
  }

  onDisconnect(listener: () => void): void {
    const { signal } = this.#request
    if (signal.aborted) listener()
    else signal.addEventListener('abort', listener, { once: true })
  }
}

function nextOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<ReadableStreamReadResult<Uint8Array>> {
  return reader.read().catch(() => Promise.reject(refuse(400, 'the body ended before it was complete')))
}

function toResponse(method: string, reply: HeldReply): Response {
  const { status, headers, body, release } = reply
  if (typeof body === 'string') {
    release()
    return new Response(method === 'HEAD' || status === 204 ? null : body, { status, headers })
  }
  const parts = body.values()
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      for (let next = parts.next(); !next.done; next = parts.next()) {
        if (next.value.length === 0) continue
        controller.enqueue(next.value)
        return
      }
      release()
      controller.close()
    },
    cancel: release,
  })
  const length = body.reduce((sum, part) => sum + part.length, 0)
  return new Response(stream, { status, headers: { ...headers, 'content-length': String(length) } })
}
