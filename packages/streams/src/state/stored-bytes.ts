import { readInt64, writeInt64 } from '@kafkado/core/internal'

/**
 * The serialised forms of keys and values. They equal those of Kafka Streams byte for byte, so that both can share
 * topics:
 *
 * - a windowed key: the key, then the start as eight bytes, most significant first; in a changelog four bytes more,
 *   which number the entries of one key and start
 * - a session key: the key, the end, the start
 * - a value in a storage: its timestamp as eight bytes, then the value
 */

export function appendLongs(key: Uint8Array, ...longs: number[]): Uint8Array {
  const bytes = new Uint8Array(key.length + longs.length * 8)
  bytes.set(key)
  const view = new DataView(bytes.buffer)
  longs.forEach((value, index) => writeInt64(view, key.length + index * 8, value))
  return bytes
}

/** @throws RangeError when the bytes end too early, or a number cannot represent it exactly */
export function readLong(bytes: Uint8Array, position: number): number {
  requireBytes(bytes, position < 0 ? bytes.length - position : position + 8)
  return readInt64(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), position, inexact)
}

function inexact(value: bigint): RangeError {
  return new RangeError(`the 64-bit number ${value} is beyond 2^53 - 1 and would be rounded`)
}

/** @throws RangeError */
export function requireBytes({ length }: Uint8Array, least: number): void {
  if (length < least)
    throw new RangeError(`expected at least ${least} bytes, got ${length}: it was written in another form`)
}

/** The key of a window store's entry, as in its changelog. */
export function windowStoreKey(key: Uint8Array, start: number, sequence: number): Uint8Array {
  const bytes = new Uint8Array(key.length + 12)
  bytes.set(key)
  const view = new DataView(bytes.buffer)
  writeInt64(view, key.length, start)
  view.setInt32(key.length + 8, sequence)
  return bytes
}

export function readSequence(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(bytes.length - 4)
}

/** The form of a value in a storage. */
export function withTimestamp(value: Uint8Array, timestamp: number): Uint8Array {
  const bytes = new Uint8Array(value.length + 8)
  writeInt64(new DataView(bytes.buffer), 0, timestamp)
  bytes.set(value, 8)
  return bytes
}

export function readTimestamped(stored: Uint8Array): { timestamp: number; value: Uint8Array } {
  return { timestamp: readLong(stored, 0), value: stored.subarray(8) }
}

/** The order of unsigned bytes, in which Kafka Streams and the storages keep keys. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shorter = Math.min(left.length, right.length)
  for (let index = 0; index < shorter; index++) {
    const difference = (left[index] as number) - (right[index] as number)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
