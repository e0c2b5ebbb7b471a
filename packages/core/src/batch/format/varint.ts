/**
 * The zigzag variable-length integers of records: 7 bits a byte, low bits first, the top bit set when more bytes
 * follow. Numbers within 31 bits take the fast path; timestamps further from their base go through BigInt.
 */

/** How many bytes {@link writeVarint} writes. */
export function varintBytes(value: number): number {
  let zigzag = isShort(value) ? ((value << 1) ^ (value >> 31)) >>> 0 : Number.POSITIVE_INFINITY
  if (zigzag === Number.POSITIVE_INFINITY) return longVarintBytes(value)
  let size = 1
  while (zigzag >= 0x80) {
    zigzag >>>= 7
    size++
  }
  return size
}

/** How many bytes a record has between its length and its key: attributes, timestamp and offset. */
export function recordHeadBytes(timestampDelta: number, offsetDelta: number): number {
  return 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta)
}

/** Writes a number at `position`; returns the position after it. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  if (!isShort(value)) return writeLongVarint(bytes, position, value)
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  let next = position
  while (zigzag >= 0x80) {
    bytes[next++] = (zigzag & 0x7f) | 0x80
    zigzag >>>= 7
  }
  bytes[next++] = zigzag
  return next
}

/**
 * Reads a length that {@link writeVarint} wrote, so it is not negative.
 *
 * @throws RangeError when the bytes end before it does
 */
export function readLength(bytes: Uint8Array, position: number): number {
  let zigzag = 0
  for (let next = position, scale = 1; next < bytes.length; next++, scale *= 0x80) {
    const byte = bytes[next] as number
    zigzag += (byte & 0x7f) * scale
    if (byte < 0x80) return zigzag / 2
  }
  throw new RangeError(`there is no length at byte ${position} of ${bytes.length}`)
}

function isShort(value: number): boolean {
  return value >= -0x40000000 && value < 0x40000000
}

function zigzagOf(value: number): bigint {
  const wide = BigInt(value)
  return BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n))
}

function longVarintBytes(value: number): number {
  let size = 1
  for (let zigzag = zigzagOf(value); zigzag >= 0x80n; zigzag >>= 7n) size++
  return size
}

function writeLongVarint(bytes: Uint8Array, position: number, value: number): number {
  let zigzag = zigzagOf(value)
  let next = position
  for (; zigzag >= 0x80n; zigzag >>= 7n) bytes[next++] = Number(zigzag & 0x7fn) | 0x80
  bytes[next++] = Number(zigzag)
  return next
}
