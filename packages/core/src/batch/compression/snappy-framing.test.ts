// Compared both ways with Google's Snappy, in the package `snappy`, which is installed only for this test.
import * as fc from 'fast-check'
import { compressSync, uncompressSync } from 'snappy'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { snappy } from './snappy-framing.node.ts'
import { UncompressedTooLong } from './uncompressed-too-long.ts'

const runs = { numRuns: Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 300) }
const mostBytes = 1 << 20

/** Bytes that repeat near and far, mixed with incompressible ones; up to several blocks. */
const contents = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5000 })),
    ),
    { maxLength: 12 },
  )
  .map((parts) => {
    const bytes = parts.flatMap((part) =>
      part instanceof Uint8Array ? [...part] : Array.from({ length: part[1] }, (_, at) => part[0][at % part[0].length]),
    )
    return Uint8Array.from(bytes as number[])
  })

const compressed = (bytes: Uint8Array): Uint8Array => snappy.compress(bytes, false) as Uint8Array

function decompressed(bytes: Uint8Array, maxBytes = mostBytes): Uint8Array {
  return snappy.decompress(bytes, maxBytes, false) as Uint8Array
}

/** The blocks within the framing. */
function blocksOf(framed: Uint8Array): Uint8Array[] {
  const view = new DataView(framed.buffer, framed.byteOffset, framed.length)
  const blocks: Uint8Array[] = []
  for (let at = 16; at < framed.length;) {
    const end = at + 4 + view.getInt32(at)
    blocks.push(framed.subarray(at + 4, end))
    at = end
  }
  return blocks
}

function framed(blocks: readonly Uint8Array[]): Uint8Array {
  const lengths = blocks.map(({ length }) => Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length))
  const header = compressed(new Uint8Array())
  return Uint8Array.from(Buffer.concat([header, ...blocks.flatMap((block, at) => [lengths[at] as Uint8Array, block])]))
}

function startOf(block: Uint8Array): number {
  return block.findIndex((byte) => byte < 0x80) + 1
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

/** The block, with a header that claims this length. */
function saying(length: number, block: Uint8Array): Uint8Array {
  return Uint8Array.of(...varint(length), ...block.subarray(startOf(block)))
}

describe('snappy', () => {
  it('is read by Snappy, and is not much longer than its own', () => {
    fc.assert(
      fc.property(contents, (bytes) => {
        const packed = compressed(bytes)
        const blocks = blocksOf(packed).map((block) => Buffer.from(uncompressSync(Buffer.from(block))))
        expect(Buffer.compare(Buffer.concat(blocks), bytes)).toBe(0)
        expect(Buffer.compare(decompressed(packed), bytes)).toBe(0)
        expect(packed.length).toBeLessThanOrEqual(
          compressSync(Buffer.from(bytes)).length * 1.2 + 32 + 20 * blocks.length,
        )
      }),
      runs,
    )
  })

  it('is read as Snappy wrote it, with the framing and without', () => {
    fc.assert(
      fc.property(contents, (bytes) => {
        const block = Uint8Array.from(compressSync(Buffer.from(bytes)))
        expect(Buffer.compare(decompressed(block), bytes)).toBe(0)
        expect(Buffer.compare(decompressed(framed([block, block])), Buffer.concat([bytes, bytes]))).toBe(0)
      }),
      runs,
    )
  })

  it('is refused wherever a block is cut off, and when its length is another', () => {
    fc.assert(
      fc.property(contents, fc.nat(), (bytes, cut) => {
        const block = Uint8Array.from(compressSync(Buffer.from(bytes)))
        for (const pack of [(one: Uint8Array) => one, (one: Uint8Array) => framed([one])]) {
          expect(() => decompressed(pack(block.subarray(0, cut % block.length)))).toThrow()
          expect(() => decompressed(pack(saying(bytes.length + 1, block)))).toThrow()
          if (bytes.length > 0) expect(() => decompressed(pack(saying(bytes.length - 1, block)))).toThrow()
        }
      }),
      runs,
    )
  })

  it.each<[string, number[], number]>([
    ['a copy before anything', [1, 0], 4],
    ['a copy from before the start', [0, 65, 2 | (3 << 2), 2, 0], 5],
    ['a copy at no distance', [0, 65, 2 | (3 << 2), 0, 0], 5],
    ['a far copy from before the start', [0, 65, 3 | (3 << 2), 0, 0, 0, 0x80], 5],
    ['a literal without its bytes', [3 << 2, 65], 4],
    ['a literal without its length', [63 << 2, 1, 0, 0], 2],
    ['a literal of a length that is negative in 32 bits', [0, 65, 63 << 2, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0], 4],
    ['a copy without its distance', [0, 65, 2 | (3 << 2), 1], 5],
    ['elements behind its end', [0, 65, 0, 66], 1],
  ])('is refused with %s', (_, elements, length) => {
    expect(() => decompressed(Uint8Array.of(length, ...elements))).toThrow()
  })

  it('may have a far copy and a literal of any length, which Snappy writes only for larger blocks', () => {
    const literal = [62 << 2, 3, 0, 0, 65, 66, 67, 68]
    const copy = [3 | (7 << 2), 2, 0, 0, 0]
    expect(Buffer.from(decompressed(Uint8Array.of(12, ...literal, ...copy))).toString()).toBe('ABCDCDCDCDCD')
  })

  it('reserves memory for what a block says only within the limit, and keeps none for large ones', () => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow')
    onTestFinished(() => grow.mockRestore())
    const large = Uint8Array.from(compressSync(Buffer.alloc(4 * mostBytes)))
    expect(() => decompressed(large)).toThrow(UncompressedTooLong)
    expect(() => decompressed(framed([large]))).toThrow(UncompressedTooLong)
    expect(grow).not.toHaveBeenCalled()
    for (let time = 1; time <= 2; time++) {
      expect(decompressed(large, 4 * mostBytes)).toHaveLength(4 * mostBytes)
      expect(grow).toHaveBeenCalledTimes(time)
    }
  })
})
