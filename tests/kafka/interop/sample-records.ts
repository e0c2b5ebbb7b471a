import { type KafkaRecord, type Message, seededRandom } from '@kafkado/core'

/** A record as all clients have it, with bytes in Base64 so that two of them compare and print well. */
export interface PlainRecord {
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

/** Before Kafka 4 was, because brokers refuse times that lie ahead. */
export const sampleTime = 1_764_000_000_000

export function base64(content: string | Uint8Array | null): string | null {
  return content === null ? null : Buffer.from(content as string).toString('base64')
}

function fromBase64(content: string | null): Uint8Array | null {
  return content === null ? null : Buffer.from(content, 'base64')
}

const notUtf8 = new Uint8Array([0xc3, 0x28, 0x00, 0xff, 0x0a, 0x22])
const random = seededRandom(7)
const noise = Uint8Array.from({ length: 5000 }, () => random.next() * 256)

type Content = string | Uint8Array | null

function plain(key: Content, value: Content, headers: Record<string, string | Uint8Array> = {}): PlainRecord {
  const written = Object.entries(headers).map(([name, content]) => [name, base64(content)] as const)
  return { timestamp: sampleTime, key: base64(key), value: base64(value), headers: written }
}

/** What every client can write. No two have the same time, and the times go back and forth. */
export const sampleRecords: readonly PlainRecord[] = [
  plain('key', 'value'),
  plain(null, 'no key'),
  plain('', ''),
  plain('tombstone', null),
  plain(null, null),
  plain('ключ-键-😀', 'naïve größe 😀'),
  plain(notUtf8, notUtf8),
  plain('headers', 'with headers', { trace: 'abc', schlüssel: 'größe 😀', binary: notUtf8, empty: '' }),
  // More than one block of snappy and of lz4, which have 32 and 64 KiB.
  plain('long', 'the same words again and again, '.repeat(5000)),
  plain('noise', noise),
].map((record, index) => ({ ...record, timestamp: sampleTime + (index % 2 === 0 ? index : -index) * 3_600_000 }))

/** What Kafka's protocol allows besides: two headers with one name, one without a value, and one without a name. */
export const unusualHeaders: PlainRecord = {
  timestamp: sampleTime,
  key: base64('unusual'),
  value: base64('headers'),
  headers: [
    ['twice', base64('first')],
    ['nothing', null],
    ['twice', base64('second')],
    ['', base64('no name')],
  ],
}

/** A record that our consumer has read. */
export function plainOf({ timestamp, rawKey, rawValue, rawHeaders }: KafkaRecord<unknown, unknown>): PlainRecord {
  const headers = rawHeaders.map(([name, content]) => [name, base64(content)] as const)
  return { timestamp, key: base64(rawKey), value: base64(rawValue), headers }
}

/** For our producer of a topic of bytes. */
export function messageOf({ timestamp, key, value, headers }: PlainRecord): Message<Uint8Array, Uint8Array> {
  const content = (base64Text: string | null): Uint8Array => fromBase64(base64Text) ?? new Uint8Array()
  return {
    timestamp,
    key: fromBase64(key),
    value: fromBase64(value),
    headers: Object.fromEntries(headers.map(([name, value]) => [name, content(value)])),
  }
}
