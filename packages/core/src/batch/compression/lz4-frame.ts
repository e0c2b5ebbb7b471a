/**
 * The LZ4 frame format, as far as it tells how long its content is:
 *
 *     04 22 4d 18   magic
 *     FLG BD        bit 3 of FLG: 8 bytes content size follow, bit 0: 4 bytes dictionary id, bit 4: blocks have
 *                   checksums, bit 2: so has the content
 *     HC            checksum of the descriptor
 *     blocks, each: 4 bytes length, little-endian, whose top bit says that the block is not compressed; 0 ends them
 *
 * A compressed block is a row of sequences: a token whose halves are the length of literals and that of a match, the
 * literals, and 2 bytes that say how far back the match lies.
 */
const magic = 0x184d2204

/**
 * How long the content of a frame is, by its sequences and not by what it says of itself.
 *
 * @param enough to count no further than this, because more is too long anyway
 * @throws RangeError when it is no whole frame, or something follows it
 */
export function uncompressedLz4Bytes(bytes: Uint8Array, enough: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < 7 || view.getUint32(0, true) !== magic) throw new RangeError('it is no LZ4 frame')
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
    length += word & 0x80000000 ? blockBytes : uncompressedBlockBytes(bytes, position, end)
    if (length > enough) return length
    position = end + blockChecksumBytes
  }
  position += flags & 0x04 ? 4 : 0
  if (position !== bytes.length) throw new RangeError('the frame does not end where its bytes do')
  return length
}

function uncompressedBlockBytes(bytes: Uint8Array, start: number, end: number): number {
  let length = 0
  let position = start
  /** A half of a token, and for the value 15 the bytes that go on with it. */
  const lengthFrom = (half: number): number => {
    if (half < 15) return half
    let sum = half
    for (let byte = 255; byte === 255; sum += byte) byte = bytes[position++] ?? 0
    return sum
  }
  while (position < end) {
    const token = bytes[position++] as number
    const literals = lengthFrom(token >>> 4)
    position += literals
    length += literals
    // The last sequence has no match.
    if (position >= end) break
    position += 2
    length += lengthFrom(token & 0x0f) + 4
  }
  if (position !== end) throw new RangeError('a block does not end where its sequences do')
  return length
}
