import type { ApiVersion } from '@kafkado/messages'

/**
 * The framing of the Kafka protocol on the broker's side, written from the specification, independently of the client's
 * code.
 */

/** A received request, with its body still encoded. */
export interface RequestFrame {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly body: Uint8Array
}

/** Joins the chunks of a socket, and returns the complete frames. */
export class FrameSplitter {
  #rest = Buffer.alloc(0)

  push(chunk: Uint8Array): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const frames: Buffer[] = []
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readInt32BE(0)
      if (this.#rest.length < end) break
      frames.push(this.#rest.subarray(4, end))
      this.#rest = this.#rest.subarray(end)
    }
    return frames
  }
}

/**
 * Reads header version 1 (apiKey, apiVersion, correlationId, nullable clientId), or version 2, which adds a tag buffer.
 */
export function readRequestFrame(
  frame: Buffer,
  isFlexible: (apiKey: number, apiVersion: number) => boolean,
): RequestFrame {
  const apiKey = frame.readInt16BE(0)
  const apiVersion = frame.readInt16BE(2)
  const correlationId = frame.readInt32BE(4)
  const clientIdLength = frame.readInt16BE(8)
  const clientIdEnd = 10 + Math.max(clientIdLength, 0)
  const clientId = clientIdLength < 0 ? null : frame.toString('utf8', 10, clientIdEnd)
  if (!isFlexible(apiKey, apiVersion))
    return { apiKey, apiVersion, correlationId, clientId, body: frame.subarray(clientIdEnd) }
  if (frame[clientIdEnd] !== 0) throw new Error('the header of the request has tagged fields, or no tag buffer')
  return { apiKey, apiVersion, correlationId, clientId, body: frame.subarray(clientIdEnd + 1) }
}

/** A whole response: its length, header version 1 (with a tag buffer) or 0, and the body. */
export function responseFrame(correlationId: number, body: Uint8Array, hasFlexibleHeader: boolean): Buffer {
  const header = Buffer.alloc(hasFlexibleHeader ? 9 : 8)
  header.writeInt32BE(header.length - 4 + body.length, 0)
  header.writeInt32BE(correlationId, 4)
  return Buffer.concat([header, body])
}

export function responseBody<Response>(
  api: ApiVersion<unknown, unknown, unknown, Response>,
  response: Response,
): Buffer {
  return Buffer.concat(api.response.write(response))
}

/** Bytes from hexadecimal digits; spaces are allowed. A plain Uint8Array: a Buffer compares as another type. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}
