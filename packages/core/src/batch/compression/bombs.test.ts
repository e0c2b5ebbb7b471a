// What a codec unpacks beside the event loop, and how much of a decompression bomb it takes into memory.
import { gzipSync, zstdCompressSync, constants } from 'node:zlib'
import { compressFrame } from 'lz4-napi'
import { compressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { KafkaError } from '../../errors/kafka-error.ts'
import { compress, compressionTypes, decompress } from './compression.ts'
import { uncompressedLz4Bytes } from './lz4-frame.ts'
import { UncompressedTooLong } from './uncompressed-too-long.ts'

const mebibyte = 1024 * 1024
const content = new Uint8Array(3 * mebibyte).map((_, at) => (at * at) >>> 10)
const zeros = new Uint8Array(16 * mebibyte)

const typeOf = (name: (typeof compressionTypes)[number]): number => compressionTypes.indexOf(name)
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

/** The frame, with its content size stated or stated otherwise. */
function lz4Stating(frame: Uint8Array, bytes: number): Uint8Array {
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(bytes), true)
  const head = Uint8Array.from(frame.subarray(0, 6))
  const statesIt = ((head[4] as number) & 0x08) !== 0
  head[4] = (head[4] as number) | 0x08
  return joined(head, size, Uint8Array.of(0), frame.subarray(statesIt ? 15 : 7))
}

function gzipStating(packed: Uint8Array, bytes: number): Uint8Array {
  const lie = Uint8Array.from(packed)
  new DataView(lie.buffer).setUint32(lie.length - 4, bytes, true)
  return lie
}

const zstdStream = (bytes: Uint8Array, windowLog: number): Uint8Array =>
  zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_contentSizeFlag]: 0, [constants.ZSTD_c_windowLog]: windowLog },
  })

/** The framing of snappy for Java around one block. */
function framed(block: Uint8Array): Uint8Array {
  const head = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0)
  new DataView(head.buffer).setInt32(16, block.length)
  return joined(head, block)
}

const lz4 = await compressFrame(zeros)
const bombs: [name: string, type: number, packed: Uint8Array][] = [
  ['gzip', typeOf('gzip'), gzipSync(zeros)],
  ['gzip that states too little', typeOf('gzip'), gzipStating(gzipSync(zeros), mebibyte / 2)],
  ['gzip that states the limit', typeOf('gzip'), gzipStating(gzipSync(zeros), mebibyte)],
  ['16 members of gzip', typeOf('gzip'), joined(...Array<Buffer>(16).fill(gzipSync(zeros.subarray(0, mebibyte))))],
  ['zstd with its content size', typeOf('zstd'), zstdCompressSync(zeros)],
  ['zstd without it, and a window of 128 MiB', typeOf('zstd'), zstdStream(zeros, 27)],
  ['a block of snappy', typeOf('snappy'), compressSync(Buffer.from(zeros))],
  ['a framed block of snappy', typeOf('snappy'), framed(compressSync(Buffer.from(zeros)))],
  ['lz4', typeOf('lz4'), lz4],
  ['lz4 that states its content size', typeOf('lz4'), lz4Stating(lz4, zeros.length)],
  ['lz4 that states too little', typeOf('lz4'), lz4Stating(lz4, 1)],
]

async function refusalOf(unpack: () => Uint8Array | Promise<Uint8Array>): Promise<unknown> {
  try {
    return await unpack()
  } catch (error) {
    return KafkaError.is(error) ? error.cause : error
  }
}

describe.each(bombs)('a bomb of %s', (_name, type, packed) => {
  it.each([false, true])('is refused as too long, beside the event loop: %s', async (beside) => {
    expect(await refusalOf(() => decompress(type, packed, mebibyte, beside))).toBeInstanceOf(UncompressedTooLong)
  })
})

const honest: [name: string, type: number, packed: Uint8Array][] = [
  ['gzip', typeOf('gzip'), gzipSync(content)],
  [
    'two members of gzip',
    typeOf('gzip'),
    joined(gzipSync(content.subarray(0, 2 * mebibyte)), gzipSync(content.subarray(2 * mebibyte))),
  ],
  ['zstd', typeOf('zstd'), zstdCompressSync(content)],
  ['zstd without its content size, and a window of 128 MiB', typeOf('zstd'), zstdStream(content, 27)],
  ['one block of snappy', typeOf('snappy'), compressSync(Buffer.from(content))],
  ['one framed block of snappy', typeOf('snappy'), framed(compressSync(Buffer.from(content)))],
  ['snappy in blocks', typeOf('snappy'), await compress('snappy', content)],
  ['lz4', typeOf('lz4'), await compressFrame(content)],
]

/** Whether others had their turn before it was done. */
async function passes(work: () => Uint8Array | Promise<Uint8Array>): Promise<{ turns: number; bytes: Uint8Array }> {
  let [turns, isDone] = [0, false]
  const turn = (): void => {
    if (isDone) return
    turns++
    setImmediate(turn)
  }
  setImmediate(turn)
  const bytes = await work()
  isDone = true
  return { turns, bytes }
}

describe.each(honest)('%s', (_name, type, packed) => {
  it('is unpacked up to its exact length, while others have their turn', async () => {
    const { turns, bytes } = await passes(() => decompress(type, packed, content.length, true))
    expect(Buffer.compare(bytes, content)).toBe(0)
    expect(turns).toBeGreaterThan(0)
    expect(Buffer.compare(await decompress(type, packed, content.length, false), content)).toBe(0)
    expect(await refusalOf(() => decompress(type, packed, content.length - 1, true))).toBeInstanceOf(
      UncompressedTooLong,
    )
  })
})

it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s is packed while others have their turn', async (name) => {
  const { turns, bytes } = await passes(() => compress(name, content, true))
  expect(turns).toBeGreaterThan(0)
  expect(Buffer.compare(await decompress(typeOf(name), bytes, content.length), content)).toBe(0)
})

it('the length of lz4 is counted in parts, with the same result', async () => {
  const frame = await compressFrame(content)
  expect(uncompressedLz4Bytes(frame, Number.POSITIVE_INFINITY)).toBe(content.length)
})
