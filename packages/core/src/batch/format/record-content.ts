import { showTyped } from '../../config/show-value.ts'
import { InvalidRequestError } from '../../errors/kafka-error.ts'

/** A header as it goes into a record: names may repeat, and a value may be null. */
export type Header = readonly [name: string, value: string | Uint8Array | null]

/** A record as it goes into a batch: text is written as UTF-8, null stays null. */
export interface RecordContent {
  readonly timestamp: number
  readonly key: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly headers: readonly Header[]
}

/** Whether a value is bytes that can be written as they are: a Uint8Array, also a Buffer, and one of another realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'Uint8Array')
  )
}

/** @throws InvalidRequestError when it is nothing that a record can hold */
export function requireContent(what: string, content: unknown): asserts content is string | Uint8Array | null {
  if (content === null || typeof content === 'string') return
  if (isBytes(content)) return requireAttached(what, content)
  throw new InvalidRequestError(`${what} must be a string, bytes (a Uint8Array) or null, got ${showTyped(content)}`)
}

/** @throws InvalidRequestError when the bytes were handed to another thread: they would be written as none */
export function requireAttached(what: string, { length, buffer }: Uint8Array): void {
  if (length === 0 && (buffer as { detached?: boolean }).detached)
    throw new InvalidRequestError(`${what} is bytes that belong to another thread by now (a detached ArrayBuffer)`)
}

/**
 * Headers as a list, however they were given.
 *
 * @throws InvalidRequestError that names the header which cannot be written
 */
export function headerList(headers: unknown): readonly Header[] {
  if (headers === undefined || headers === null) return []
  const list = Array.isArray(headers)
    ? Array.from<unknown>(headers)
    : isPlainObject(headers)
      ? Object.entries(headers)
      : undefined
  if (!list)
    throw new InvalidRequestError(
      `headers must be an object of names or a list of [name, value], got ${showTyped(headers)}`,
    )
  return list.map((header, index): Header => {
    if (!Array.isArray(header) || header.length !== 2 || typeof header[0] !== 'string')
      throw new InvalidRequestError(`header ${index} of the list must be [name, value] with a string for its name`)
    const [name, value] = header as [string, unknown]
    requireContent(`the header '${name}'`, value)
    return [name, value]
  })
}

const decoder = new TextDecoder()

/** Headers as text, the last of each name; a null is empty. */
export function headersAsText(headers: readonly Header[]): Record<string, string> {
  return Object.fromEntries(
    headers.map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value === null ? '' : decoder.decode(value),
    ]),
  )
}

/** An object of another realm has a prototype of its own, so what counts is that nothing stands above it. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const encoder = new TextEncoder()
const loneSurrogate = /\p{Surrogate}/u

/**
 * Text as UTF-8.
 *
 * @param what it is, for the error
 * @throws InvalidRequestError when half of a surrogate pair stands alone, which UTF-8 has no form for: it would
 *   become another character
 */
export function encodeText(text: string, what = 'a string'): Uint8Array {
  if (!loneSurrogate.test(text)) return encoder.encode(text)
  throw new InvalidRequestError(
    `${what} has half of a surrogate pair alone, which cannot be written as UTF-8; send such content as bytes`,
  )
}
