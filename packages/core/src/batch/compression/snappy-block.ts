/**
 * A block of Snappy:
 *
 *     varint    how long it becomes
 *     elements, each a tag whose lowest 2 bits say what it is:
 *     00        a literal: the upper 6 bits are its length less 1; 60 to 63 say that 1 to 4 bytes have it; then its bytes
 *     01        a copy of 4 to 11 bytes: 3 bits length less 4, and the upper 3 bits of the distance, whose rest is 1 byte
 *     10, 11    a copy of 1 to 64 bytes: 6 bits length less 1; 2 or 4 bytes of distance, little-endian
 *
 * A copy may reach into what it writes. In JavaScript, so that it is there on every machine without native code.
 */

const hashBits = 14
/** Where four bytes with that hash stood last. Emptied for each block; compressing waits for nothing. */
const positions = new Uint16Array(1 << hashBits)
/** So near the end no match is looked for. */
const marginBytes = 15

/** @param bytes at most 65,535 of them, as positions are kept in 16 bits */
export function compressSnappyBlock(bytes: Uint8Array): Uint8Array {
  const writer = new BlockWriter(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  positions.fill(0)
  let literalStart = 0
  // What does not compress is passed over in longer and longer steps.
  let step = 32
  for (let position = 1; position < bytes.length - marginBytes;) {
    const word = view.getUint32(position, true)
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - hashBits)
    const candidate = positions[slot] as number
    positions[slot] = position
    if (view.getUint32(candidate, true) !== word) {
      position += step >>> 5
      step += 1
      continue
    }
    writer.literal(literalStart, position)
    const start = position
    position += 4
    while (position < bytes.length && bytes[position] === bytes[candidate + position - start]) position += 1
    writer.copy(start - candidate, position - start)
    literalStart = position
    step = 32
  }
  writer.literal(literalStart, bytes.length)
  return writer.written()
}

class BlockWriter {
  readonly #bytes: Uint8Array
  readonly #out: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#out = new Uint8Array(32 + bytes.length + Math.ceil(bytes.length / 6))
    let rest = bytes.length
    for (; rest > 0x7f; rest >>>= 7) this.#out[this.#at++] = (rest & 0x7f) | 0x80
    this.#out[this.#at++] = rest
  }

  written(): Uint8Array {
    return this.#out.subarray(0, this.#at)
  }

  literal(start: number, end: number): void {
    const length = end - start
    if (length === 0) return
    const out = this.#out
    const most = length - 1
    if (most < 60) {
      out[this.#at++] = most << 2
    } else if (most < 0x100) {
      out[this.#at++] = 60 << 2
      out[this.#at++] = most
    } else {
      out[this.#at++] = 61 << 2
      out[this.#at++] = most & 0xff
      out[this.#at++] = most >>> 8
    }
    copyBytes(this.#bytes, start, out, this.#at, length)
    this.#at += length
  }

  copy(distance: number, length: number): void {
    let left = length
    // The last one has to be of 4 bytes or more.
    for (; left >= 68; left -= 64) this.#longCopy(distance, 64)
    if (left > 64) {
      this.#longCopy(distance, 60)
      left -= 60
    }
    if (left >= 12 || distance >= 2048) {
      this.#longCopy(distance, left)
      return
    }
    this.#out[this.#at++] = 1 | ((left - 4) << 2) | ((distance >>> 8) << 5)
    this.#out[this.#at++] = distance & 0xff
  }

  #longCopy(distance: number, length: number): void {
    this.#out[this.#at++] = 2 | ((length - 1) << 2)
    this.#out[this.#at++] = distance & 0xff
    this.#out[this.#at++] = distance >>> 8
  }
}

/**
 * @param start where the elements begin, behind the length
 * @param length how long it becomes, by its own word
 * @throws RangeError when it is no whole block, or becomes longer or shorter
 */
export function uncompressSnappyBlock(block: Uint8Array, start: number, length: number): Uint8Array {
  const out = new Uint8Array(length)
  let at = 0
  let position = start
  while (position < block.length) {
    const tag = block[position++] as number
    const kind = tag & 3
    const wanted = kind === 0 ? Math.max(0, (tag >>> 2) - 59) : kind === 3 ? 4 : kind
    if (wanted > block.length - position) throw new RangeError('a block is cut off')
    if (kind === 0) {
      const count = (wanted === 0 ? tag >>> 2 : numberAt(block, position, wanted)) + 1
      position += wanted
      if (count > block.length - position) throw new RangeError('a block is cut off')
      if (count > length - at) throw new RangeError('a block becomes longer than it says')
      copyBytes(block, position, out, at, count)
      position += count
      at += count
      continue
    }
    const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const near = block[position] as number
    const distance =
      kind === 1
        ? ((tag >>> 5) << 8) | near
        : kind === 2
          ? near | ((block[position + 1] as number) << 8)
          : numberAt(block, position, 4)
    position += wanted
    if (distance === 0 || distance > at) throw new RangeError('a block copies what lies before it')
    if (count > length - at) throw new RangeError('a block becomes longer than it says')
    for (const end = at + count; at < end; at++) out[at] = out[at - distance] as number
  }
  if (at !== length) throw new RangeError('a block becomes shorter than it says')
  return out
}

/** So many bytes, little-endian. */
function numberAt(bytes: Uint8Array, position: number, count: number): number {
  let value = 0
  for (let index = 0; index < count; index++) value += (bytes[position + index] as number) * 2 ** (8 * index)
  return value
}

/** A call of `set` costs more than a few bytes do. */
function copyBytes(from: Uint8Array, start: number, to: Uint8Array, at: number, length: number): void {
  if (length > 64) {
    to.set(from.subarray(start, start + length), at)
    return
  }
  for (let index = 0; index < length; index++) to[at + index] = from[start + index] as number
}
