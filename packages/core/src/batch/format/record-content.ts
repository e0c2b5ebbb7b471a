import { isPlain, showTyped } from '../../config/show-value.ts'
import { InvalidRequestError } from '../../errors/kafka-error.ts'

/** A header in a record: names may repeat, and a value may be null. */
export type Header = readonly [name: string, value: string | Uint8Array | null]

/** The content of a record in a batch: strings are written as UTF-8, null stays null. */
export interface RecordContent {
  readonly timestamp: number
  readonly key: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly headers: readonly Header[]
}

/**
 * Whether a value is bytes that can be written as they are: a Uint8Array, including a Buffer or one from another realm.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'Uint8Array')
  )
}

/** @throws InvalidRequestError when a record cannot hold the value */
export function requireContent(what: string, content: unknown): asserts content is string | Uint8Array | null {
  if (content === null || typeof content === 'string') return
  if (isBytes(content)) return requireAttached(what, content)
  throw new InvalidRequestError(`${what} must be a string, bytes (a Uint8Array) or null, got ${showTyped(content)}`)
}

/** @throws InvalidRequestError when the bytes were transferred to another thread: they would be written as empty */
export function requireAttached(what: string, { length, buffer }: Uint8Array): void {
  if (length === 0 && (buffer as { detached?: boolean }).detached)
    throw new InvalidRequestError(`${what} has bytes that another thread owns now (a detached ArrayBuffer)`)
}

/**
 * Headers as a list, in whatever form they were given.
 *
 * @throws InvalidRequestError that names the header that cannot be written
 */
export function headerList(headers: unknown): readonly Header[] {
  if (headers === undefined || headers === null) return []
  const list = Array.isArray(headers)
    ? Array.from<unknown>(headers)
    : typeof headers === 'object' && isPlain(headers)
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

/** Headers as strings, the last one of each name; null becomes ''. */
export function headersAsText(headers: readonly Header[]): Record<string, string> {
  return Object.fromEntries(
    headers.map(([name, value]) => [name, typeof value === 'string' ? value : value === null ? '' : decodeText(value)]),
  )
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const loneSurrogate = /\p{Surrogate}/u

/**
 * A string as UTF-8.
 *
 * @param what names the value in the error
 * @throws InvalidRequestError when the string has half of a surrogate pair: UTF-8 cannot express it, and it would
 *   become another character
 */
export function encodeText(text: string, what = 'a string'): Uint8Array {
  if (!loneSurrogate.test(text)) return encoder.encode(text)
  throw new InvalidRequestError(
    `${what} has half of a surrogate pair alone, which cannot be written as UTF-8; send such content as bytes`,
  )
}

/** UTF-8 as a string, with U+FFFD for what is not UTF-8. A byte order mark stays, as in Java. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
