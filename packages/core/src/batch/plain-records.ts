import type { RecordsInBytes } from './record-walk.ts'

/** What an append needs to know of the records of a batch. */
export interface RecordFacts {
  /** The greatest timestamp; −1 when no record has one. */
  readonly maxTimestamp: number
  /** The least timestamp; Infinity when no record has one. */
  readonly minTimestamp: number
  readonly lacksKey: boolean
}

/** The encoded length −1, which is null. */
const none = 1

/**
 * Checks records in their usual form, more than twice as fast as a walk with a visitor: each number takes at most three
 * bytes, and no more than it needs.
 *
 * @returns undefined for all other records, so also for wrong ones: `RecordCheck` knows what is wrong with them
 */
export function plainRecords({ header, bytes, recordsStart, recordsEnd }: RecordsInBytes): RecordFacts | undefined {
  const { baseTimestamp, recordsCount } = header
  if (header.timestampType !== 'createTime') return undefined
  let [greatest, least, lacksKey, at] = [-Infinity, Infinity, false, recordsStart]
  for (let index = 0; index < recordsCount; index++) {
    const length = numberAt(bytes, at)
    if (length < 0 || length & 1) return undefined
    at += sizeOf(length)
    const end = at + (length >>> 1)
    if (end > recordsEnd) return undefined
    // Behind the attributes.
    const time = numberAt(bytes, ++at)
    if (time < 0) return undefined
    at += sizeOf(time)
    const difference = (time >>> 1) ^ -(time & 1)
    if (difference > greatest) greatest = difference
    if (difference < least) least = difference
    const offset = numberAt(bytes, at)
    if (offset !== index * 2) return undefined
    at += sizeOf(offset)
    const key = numberAt(bytes, at)
    if (key === none) lacksKey = true
    at = behind(key, at)
    if (at < 0) return undefined
    at = behind(numberAt(bytes, at), at)
    if (at < 0) return undefined
    const count = numberAt(bytes, at)
    if (count < 0 || count & 1) return undefined
    at = count === 0 ? at + 1 : behindHeaders(bytes, at + sizeOf(count), count >>> 1, end)
    if (at !== end) return undefined
  }
  if (at !== recordsEnd) return undefined
  const [maxTimestamp, minTimestamp] = [baseTimestamp + greatest, baseTimestamp + least]
  // A timestamp of −1 says that there is none. A number beyond 2^53 - 1 is rounded.
  if (recordsCount === 0 || minTimestamp <= -1 || !Number.isSafeInteger(maxTimestamp)) return undefined
  return { maxTimestamp, minTimestamp, lacksKey }
}

/** The place behind the headers of a record that ends at `end`; −1 when they are not in their usual form. */
function behindHeaders(bytes: Uint8Array, start: number, count: number, end: number): number {
  let at = start
  for (let index = 0; index < count; index++) {
    if (at >= end) return -1
    const name = numberAt(bytes, at)
    if (name === none) return -1
    at = behind(name, at)
    if (at < 0) return -1
    at = behind(numberAt(bytes, at), at)
    if (at < 0) return -1
  }
  return at
}

/** The place behind a field whose length, or null, is encoded at a place; −1 when the length is no usual one. */
function behind(length: number, at: number): number {
  if (length === none) return at + 1
  return length < 0 || length & 1 ? -1 : at + sizeOf(length) + (length >>> 1)
}

/**
 * A number as it is encoded: twice its value, or an odd number for a negative one. −1 when it is no usual one, or the
 * bytes end in it.
 */
function numberAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return first
  const second = bytes[at + 1] as number
  if (second < 0x80) return second === 0 ? -1 : (first & 0x7f) | (second << 7)
  const third = bytes[at + 2] as number
  return third > 0 && third < 0x80 ? (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14) : -1
}

function sizeOf(encoded: number): number {
  if (encoded < 0x80) return 1
  return encoded < 0x4000 ? 2 : 3
}
