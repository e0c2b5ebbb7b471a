/**
 * The parts of the LZ4 frame format that tell the length of the content:
 *
 *     04 22 4d 18   magic
 *     FLG BD        bit 3 of FLG: 8 bytes content size follow, bit 0: 4 bytes dictionary id, bit 4: blocks have
 *                   checksums, bit 2: the content has one
 *     HC            checksum of the descriptor
 *     blocks, each: 4 bytes length, little-endian, with the top bit set for an uncompressed block; 0 ends them
 *
 * A compressed block is a row of sequences. Each has a token, whose halves are the lengths of the literals and of the
 * match; then the literals; then 2 bytes for the distance of the match.
 */
const magic = 0x184d2204

/** How many sequences are counted at a time: less than a millisecond's work. */
const sequencesAtATime = 20_000

/**
 * The length of a frame's content, counted by its sequences; the frame's own statement is not trusted. A walk to do in
 * parts: it is interrupted after many sequences.
 *
 * @param enough stops counting here, because anything more is too long anyway
 * @throws RangeError when the bytes are not exactly one whole frame
 */
export function* countLz4Bytes(bytes: Uint8Array, enough: number): Generator<undefined, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < 7 || view.getUint32(0, true) !== magic) throw new RangeError('it is not an LZ4 frame')
  const flags = view.getUint8(4)
  const blockChecksumBytes = flags & 0x10 ? 4 : 0
  let position = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0)
  let length = 0
  for (;;) {
    if (position + 4 > bytes.length) throw new RangeError('the frame is cut off')
    const word = view.getUint32(position, true)
    position += 4
    if (word === 0) break
    const blockBytes = word & 0x7fffffff
    const end = position + blockBytes
    if (end + blockChecksumBytes > bytes.length) throw new RangeError('a block is cut off')
    if (word & 0x80000000) length += blockBytes
    else {
      const block = new BlockLength(bytes, position, end)
      while (block.next(sequencesAtATime)) yield
      length += block.length
    }
    if (length > enough) return length
    position = end + blockChecksumBytes
  }
  position += flags & 0x04 ? 4 : 0
  if (position !== bytes.length) throw new RangeError('the frame does not end where its bytes do')
  return length
}

/** `countLz4Bytes` at once. */
export function uncompressedLz4Bytes(bytes: Uint8Array, enough: number): number {
  for (const counting = countLz4Bytes(bytes, enough); ;) {
    const { done, value } = counting.next()
    if (done) return value
  }
}

/** The length of a compressed block's content. */
class BlockLength {
  readonly #bytes: Uint8Array
  readonly #end: number
  #position: number
  length = 0

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#position = start
    this.#end = end
  }

  /** Counts the next sequences, at most `most`. Returns whether more follow. */
  next(most: number): boolean {
    for (let count = 0; this.#position < this.#end; count++) {
      if (count === most) return true
      const token = this.#bytes[this.#position++] as number
      const literals = this.#lengthFrom(token >>> 4)
      this.#position += literals
      this.length += literals
      // The last sequence has no match.
      if (this.#position >= this.#end) break
      this.#position += 2
      this.length += this.#lengthFrom(token & 0x0f) + 4
    }
    if (this.#position !== this.#end) throw new RangeError('a block does not end where its sequences do')
    return false
  }

  /** A half of a token, and for the value 15 the bytes that continue it. */
  #lengthFrom(half: number): number {
    if (half < 15) return half
    let sum = half
    for (let byte = 255; byte === 255; sum += byte) byte = this.#bytes[this.#position++] ?? 0
    return sum
  }
}
