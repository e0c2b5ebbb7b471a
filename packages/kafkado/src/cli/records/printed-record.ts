import type { KafkaRecord } from '@kafkado/core'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lineFeed = Uint8Array.of(0x0a)

/** The bytes of the value as stored, and the end of the line. */
export function plainBytes({ rawValue }: KafkaRecord): Uint8Array {
  return rawValue === null ? lineFeed : Buffer.concat([rawValue, lineFeed])
}

/**
 * A record as one line of JSON. A JSON value is written unchanged, so that its numbers keep all their digits. Other
 * values are written as a string, or as base64 if they are no UTF-8; `valueEncoding`, `keyEncoding` or
 * `headerEncodings` then say so.
 */
export function jsonOf(record: KafkaRecord): string {
  const { topic, partition, offset, timestamp } = record
  const start = JSON.stringify({ topic, partition, offset, timestamp }).slice(0, -1)
  const { value, valueEncoding } = valueOf(record.rawValue)
  const key = textOf(record.rawKey)
  const headers = record.rawHeaders.map(([name, content]) => [name, textOf(content)] as const)
  const base64Headers = headers.filter(([, { encoding }]) => encoding === 'base64').map(([name]) => [name, 'base64'])
  const encodings = JSON.stringify({
    valueEncoding,
    keyEncoding: key.encoding === 'base64' ? 'base64' : undefined,
    headerEncodings: base64Headers.length === 0 ? undefined : Object.fromEntries(base64Headers),
  }).slice(1)
  const parts = [
    start,
    `"key":${JSON.stringify(key.text)}`,
    `"value":${value}`,
    `"headers":${JSON.stringify(Object.fromEntries(headers.map(([name, { text }]) => [name, text ?? ''])))}`,
  ]
  return encodings === '}' ? `${parts.join(',')}}` : `${parts.join(',')},${encodings}`
}

function valueOf(bytes: Uint8Array | null): { value: string; valueEncoding?: 'text' | 'base64' } {
  const { text, encoding } = textOf(bytes)
  if (text === null) return { value: 'null' }
  if (encoding === 'base64') return { value: JSON.stringify(text), valueEncoding: encoding }
  try {
    JSON.parse(text)
    // JSON has line ends only between its parts, never within strings.
    return { value: text.replaceAll(/[\r\n]+/g, ' ').trim() }
  } catch {
    return { value: JSON.stringify(text), valueEncoding: 'text' }
  }
}

function textOf(bytes: Uint8Array | null): { text: string | null; encoding: 'text' | 'base64' } {
  if (bytes === null) return { text: null, encoding: 'text' }
  try {
    return { text: decoder.decode(bytes), encoding: 'text' }
  } catch {
    return { text: Buffer.from(bytes).toString('base64'), encoding: 'base64' }
  }
}
