import type { Serde } from '@kafkado/core'
import type { RegroupedChange } from '../../processors/aggregate.ts'
import type { SuppressedChange } from '../../processors/suppression-order.ts'
import { headerBytes, readHeaders } from '../../state/stored-headers.ts'
import { appendLongs, readLong, requireBytes } from '../../state/stored-bytes.ts'

const none = new Uint8Array()

/** `length of added, or −1 (4) · added · removed, empty flag (1) · removed` */
export function regroupedSerde(inner: Serde<unknown>): Serde<unknown> {
  return {
    serialize(change, context) {
      const { added, removed } = change as RegroupedChange
      const [first, second] = [added, removed].map((value) => (value === null ? none : inner.serialize(value, context)))
      const [one, other] = [first as Uint8Array, second as Uint8Array]
      const bytes = new Uint8Array(5 + one.length + other.length)
      new DataView(bytes.buffer).setInt32(0, added === null ? -1 : one.length)
      bytes.set(one, 4)
      bytes[4 + one.length] = removed === null ? 0 : 1
      bytes.set(other, 5 + one.length)
      return bytes
    },
    deserialize(bytes, context): RegroupedChange {
      requireBytes(bytes, 5)
      const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0)
      const end = 4 + Math.max(length, 0)
      requireBytes(bytes, end + 1)
      const added = length < 0 ? null : inner.deserialize(bytes.subarray(4, end), context)
      return { added, removed: bytes[end] === 0 ? null : inner.deserialize(bytes.subarray(end + 1), context) }
    },
  }
}

const isRow = 1
const hasHeaders = 2

/**
 * `timestamp (8) · time (8) · what follows (1) · headers, if any · value, if it is a row`. Without headers it is as it
 * was written before it could have any.
 */
export function suppressedSerde(inner: Serde<unknown>): Serde<unknown> {
  return {
    serialize(change, context) {
      const { value, timestamp, time, headers } = change as SuppressedChange
      const times = appendLongs(none, timestamp, time)
      const before = headers ? headerBytes(headers) : none
      const content = value === null ? none : inner.serialize(value, context)
      const bytes = new Uint8Array(17 + before.length + content.length)
      bytes.set(times)
      bytes[16] = (value === null ? 0 : isRow) | (headers ? hasHeaders : 0)
      bytes.set(before, 17)
      bytes.set(content, 17 + before.length)
      return bytes
    },
    deserialize(bytes, context): SuppressedChange {
      requireBytes(bytes, 17)
      const flags = bytes[16] as number
      const { headers, end } = flags & hasHeaders ? readHeaders(bytes, 17) : { headers: null, end: 17 }
      const value = flags & isRow ? inner.deserialize(bytes.subarray(end), context) : null
      return { value, timestamp: readLong(bytes, 0), time: readLong(bytes, 8), headers }
    },
  }
}
