import { compressionTypes, recordBatchHeaderBytes } from '@kafkado/core/internal'
import { compress, decompress } from '../../../packages/core/src/batch/compression/compression.ts'
import { uncompressedLz4Bytes } from '../../../packages/core/src/batch/compression/lz4-frame.ts'
import { batchOf } from '../batches.ts'
import { decoded, expect, isRefused, refusal, type Refused, type Target } from '../target.ts'

const mostBytes = 64 * 1024

const contents = [
  new Uint8Array(),
  new TextEncoder().encode('abc'),
  new TextEncoder().encode('{"orderId":123}'.repeat(40)),
  new Uint8Array(70_000),
  new Uint8Array(mostBytes),
  Uint8Array.from({ length: 600 }, (_, index) => (index * index * 31) & 0xff),
  batchOf({}, 6).subarray(recordBatchHeaderBytes),
]

/** What comes of packed bytes, synchronously where the codec can do that. */
async function unpacked(type: number, packed: Uint8Array, beside: boolean): Promise<Uint8Array | Refused> {
  try {
    return await decompress(type, packed, mostBytes, beside)
  } catch (error) {
    return refusal(error)
  }
}

async function codec(name: (typeof compressionTypes)[number], ...sources: string[]): Promise<Target> {
  const type = compressionTypes.indexOf(name)
  const seeds = await Promise.all(contents.map(async (content) => compress(name, content)))
  return {
    name,
    sources: ['batch/compression', ...sources],
    seeds: seeds.map((seed) => Uint8Array.from(seed)),
    async run(input) {
      const content = await unpacked(type, input, false)
      // Another thread takes longer than all the rest, so it is asked now and then.
      if ((input[input.length >> 1] ?? 0) % 64 === 0) {
        const other = await unpacked(type, input, true)
        // Why it is refused depends on the pieces in which it is unpacked.
        const isSame = isRefused(content) ? isRefused(other) : !isRefused(other) && Buffer.compare(content, other) === 0
        expect(isSame, 'beside the event loop it is something else')
      }
      if (isRefused(content)) return content
      expect(content.length <= mostBytes, `${content.length} bytes come of it, more than are allowed`)
      if (name === 'lz4') {
        const told = decoded(() => uncompressedLz4Bytes(input, mostBytes))
        expect(told === content.length, `${content.length} bytes come of it, ${JSON.stringify(told)} were told`)
      }
      if (input.length % 8 === 0) {
        const again = await decompress(type, await compress(name, content), mostBytes)
        expect(Buffer.compare(again, content) === 0, 'what was compressed again is something else')
      }
      return undefined
    },
  }
}

export const gzip = await codec('gzip')
export const zstd = await codec('zstd')
export const snappy = await codec('snappy', 'batch/compression/snappy-framing')
export const lz4 = await codec('lz4', 'batch/compression/lz4-frame')
