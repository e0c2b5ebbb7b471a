import { snappyCompressor, snappyUncompressor } from 'hysnappy'
import { yieldToEventLoop } from '../../runtime/event-loop.ts'
import { requireOptional } from '../../runtime/optional-package.node.ts'
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
/** Most blocks are small and fast, so other tasks run only after several of them. */
const bytesBetweenPauses = 256 * 1024

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

/** The part of the package `snappy` that we use; it works in libuv's threads. */
interface NativeSnappy {
  uncompress(block: Uint8Array, options: { readonly asBuffer: true }): Promise<Uint8Array>
}

let loadedNative: NativeSnappy | null | undefined

/** Google's Snappy for large blocks, if the optional package is there. */
function native(): NativeSnappy | null {
  if (loadedNative !== undefined) return loadedNative
  try {
    loadedNative = requireOptional('snappy', import.meta.url) as NativeSnappy
  } catch {
    loadedNative = null
  }
  return loadedNative
}

/** Some clients write one block as large as the batch, which no pause can interrupt. */
function uncompressBeside(block: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array> {
  const length = uncompressedBytes(block)
  if (length > maxBytes) throw new UncompressedTooLong(maxBytes)
  if (length <= bytesBetweenPauses) return uncompress(block, maxBytes)
  return native()?.uncompress(block, { asBuffer: true }) ?? uncompress(block, maxBytes)
}

export const snappy: Codec = {
  compress(bytes, beside) {
    const header = new Uint8Array(headerBytes)
    header.set(magic)
    header[11] = 1
    header[15] = 1
    const parts: Uint8Array[] = [header]
    compressBlock ??= snappyCompressor()
    const pack = compressBlock
    const packUntil = (end: number, start: number): void => {
      for (let at = start; at < end; at += blockBytes) {
        const block = pack(bytes.subarray(at, Math.min(at + blockBytes, end)))
        const length = new Uint8Array(4)
        new DataView(length.buffer).setInt32(0, block.length)
        parts.push(length, block)
      }
    }
    const packAll = async (): Promise<Uint8Array> => {
      for (let at = 0; at < bytes.length; at += bytesBetweenPauses) {
        if (at > 0) await yieldToEventLoop()
        packUntil(Math.min(at + bytesBetweenPauses, bytes.length), at)
      }
      return concatenate(parts)
    }
    if (beside) return packAll()
    packUntil(bytes.length, 0)
    return concatenate(parts)
  },
  decompress(bytes, maxBytes, beside) {
    const isFramed = magic.every((byte, index) => bytes[index] === byte)
    if (!isFramed) return beside ? uncompressBeside(bytes, maxBytes) : uncompress(bytes, maxBytes)
    const parts: Uint8Array[] = []
    let left = maxBytes
    const take = (part: Uint8Array): void => {
      parts.push(part)
      left -= part.length
    }
    const takeAll = async (): Promise<Uint8Array> => {
      let pausedAt = left
      for (const block of blocksIn(bytes)) {
        take(await uncompressBeside(block, left))
        if (pausedAt - left < bytesBetweenPauses) continue
        pausedAt = left
        await yieldToEventLoop()
      }
      return concatenate(parts)
    }
    if (beside) return takeAll()
    for (const block of blocksIn(bytes)) take(uncompress(block, left))
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
