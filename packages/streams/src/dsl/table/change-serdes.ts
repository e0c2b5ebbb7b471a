import type { Serde } from '@kafkado/core'
import type { RegroupedChange } from '../../processors/aggregate.ts'
import type { SuppressedChange } from '../../processors/suppression-order.ts'
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

/** `timestamp (8) · time (8) · empty flag (1) · value` */
export function suppressedSerde(inner: Serde<unknown>): Serde<unknown> {
  return {
    serialize(change, context) {
      const { value, timestamp, time } = change as SuppressedChange
      const times = appendLongs(none, timestamp, time)
      const content = value === null ? none : inner.serialize(value, context)
      const bytes = new Uint8Array(17 + content.length)
      bytes.set(times)
      bytes[16] = value === null ? 0 : 1
      bytes.set(content, 17)
      return bytes
    },
    deserialize(bytes, context): SuppressedChange {
      requireBytes(bytes, 17)
      const value = bytes[16] === 0 ? null : inner.deserialize(bytes.subarray(17), context)
      return { value, timestamp: readLong(bytes, 0), time: readLong(bytes, 8) }
    },
  }
}
