import { snappyCompressor, snappyUncompressor } from 'hysnappy'
import { yieldToEventLoop } from '../../runtime/event-loop.ts'
import type { Codec } from './compression.ts'
import { UncompressedTooLong } from './uncompressed-too-long.ts'
import { concatenate } from '../format/concatenate.ts'

/**
 * Kafka's snappy is the framing of the xerial library for Java, around snappy blocks:
 *
 *     82 53 4e 41 50 50 59 00   magic
 *     00 00 00 01  00 00 00 01  version, lowest compatible version
 *     then blocks, each: 4 bytes length, big-endian, and a snappy block
 *
 * Some clients write a bare snappy block instead, and every reader accepts both. The package hysnappy handles the
 * blocks: it has no native code, and it checks every length and distance. (snappyjs never ends on some malformed
 * blocks.)
 */
const magic = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
const headerBytes = 16
const blockBytes = 32 * 1024
/** Blocks are small and fast, so other tasks run only after several of them. */
const bytesBetweenPauses = 512 * 1024

/** WebAssembly memory grows to the largest block and never shrinks, so larger blocks get a memory of their own. */
const keptMemoryBytes = 1024 * 1024

let compressBlock: ReturnType<typeof snappyCompressor> | undefined
let uncompressBlock: ReturnType<typeof snappyUncompressor> | undefined

function uncompress(block: Uint8Array, maxBytes: number): Uint8Array {
  const length = uncompressedBytes(block)
  if (length > maxBytes) throw new UncompressedTooLong(maxBytes)
  if (block.length + length > keptMemoryBytes) return snappyUncompressor()(block, length)
  uncompressBlock ??= snappyUncompressor()
  return uncompressBlock(block, length)
}

export const snappy: Codec = {
  compress(bytes) {
    const header = new Uint8Array(headerBytes)
    header.set(magic)
    header[11] = 1
    header[15] = 1
    const parts: Uint8Array[] = [header]
    compressBlock ??= snappyCompressor()
    for (let start = 0; start < bytes.length; start += blockBytes) {
      const block = compressBlock(bytes.subarray(start, start + blockBytes))
      const length = new Uint8Array(4)
      new DataView(length.buffer).setInt32(0, block.length)
      parts.push(length, block)
    }
    return concatenate(parts)
  },
  decompress(bytes, maxBytes, beside) {
    if (!magic.every((byte, index) => bytes[index] === byte)) return uncompress(bytes, maxBytes)
    const blocks = blocksIn(bytes)
    const parts: Uint8Array[] = []
    let left = maxBytes
    const takeNext = (): boolean => {
      const { done, value } = blocks.next()
      if (done) return false
      const part = uncompress(value, left)
      parts.push(part)
      left -= part.length
      return true
    }
    const takeAll = async (): Promise<Uint8Array> => {
      for (let pausedAt = left; takeNext();) {
        if (pausedAt - left < bytesBetweenPauses) continue
        pausedAt = left
        await yieldToEventLoop()
      }
      return concatenate(parts)
    }
    if (beside) return takeAll()
    while (takeNext());
    return concatenate(parts)
  },
}

function* blocksIn(bytes: Uint8Array): Generator<Uint8Array, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let position = headerBytes; position < bytes.length;) {
    const start = position + 4
    const length = start > bytes.length ? -1 : view.getInt32(position)
    if (length < 0 || start + length > bytes.length) throw new RangeError('a block is cut off')
    yield bytes.subarray(start, start + length)
    position = start + length
  }
  return undefined
}

/** A snappy block begins with its uncompressed length, so a decompression bomb shows before it expands. */
function uncompressedBytes(block: Uint8Array): number {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length
  }
  throw new RangeError('the length of a block is malformed')
}
