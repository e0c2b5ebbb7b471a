import { batchesContentType, encodeFrame } from '@kafkado/core/internal'
import type { CreatedKey } from '@kafkado/server'
import { mine } from './keys.ts'

/** Requests as the bytes of a connection: a string has one character for each byte. */

export const host = 'Host: localhost'
export const json = 'Content-Type: application/json'
export const chunked = 'Transfer-Encoding: chunked'
export const asFrame: string = `Content-Type: ${batchesContentType}`
export const bearer = (key: { secret: string } = mine): string => `Authorization: Bearer ${key.secret}`
export const lengthOf = (body: string): string => `Content-Length: ${body.length}`

/** A head of these lines; the body comes behind it. */
export const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`

export const bytesOf = (text: string | Uint8Array): string =>
  Buffer.from(text as Uint8Array<ArrayBuffer>).toString('latin1')

export interface Sending {
  /** Whose key. Null: without one. */
  readonly key?: Pick<CreatedKey, 'secret'> | null
  readonly method?: string
  /** Instead of the content-type that belongs to the path. */
  readonly type?: string
  readonly headers?: readonly string[]
}

/** A request with the right length. An object is sent as JSON. */
export function request(path: string, body: object | string | null, sending: Sending = {}): string {
  const { key = mine, method = body === null ? 'GET' : 'POST', type = json, headers = [] } = sending
  const content = typeof body === 'string' ? body : body === null ? '' : bytesOf(JSON.stringify(body))
  const about = body === null ? [] : [...(type === '' ? [] : [type]), lengthOf(content)]
  return head(`${method} ${path} HTTP/1.1`, host, ...(key ? [bearer(key)] : []), ...about, ...headers) + content
}

/** A frame of any message, right or wrong. */
export function frame(message: object, sending: Sending = {}): string {
  return request('/v1/produce', encodeFrame(message).map(bytesOf).join(''), { type: asFrame, ...sending })
}

/** A frame whose header is this text and whose batches are these bytes. */
export function rawFrame(header: string, batches = '', length = bytesOf(header).length): string {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(length)
  return request('/v1/produce', size.toString('latin1') + bytesOf(header) + batches, { type: asFrame })
}
