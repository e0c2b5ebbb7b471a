// Compared both ways with Google's Snappy as the package of that name has it, which is only there for this.
import * as fc from 'fast-check'
import { compressSync, uncompressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { compressSnappyBlock, uncompressSnappyBlock } from './snappy-block.ts'

const runs = { numRuns: Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 300) }

/** Bytes that repeat near and far, with what does not compress in between; up to the longest block there is. */
const contents = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 3000 })),
    ),
    { maxLength: 12 },
  )
  .map((parts) => {
    const bytes = parts.flatMap((part) =>
      part instanceof Uint8Array ? [...part] : Array.from({ length: part[1] }, (_, at) => part[0][at % part[0].length]),
    )
    return Uint8Array.from(bytes.slice(0, 0xffff) as number[])
  })

function startOf(block: Uint8Array): number {
  return block.findIndex((byte) => byte < 0x80) + 1
}

function uncompressed(block: Uint8Array, length: number): Uint8Array {
  return uncompressSnappyBlock(block, startOf(block), length)
}

describe('a block of snappy', () => {
  it('is read by Snappy, and is not much longer than its own', () => {
    fc.assert(
      fc.property(contents, (bytes) => {
        const block = compressSnappyBlock(bytes)
        expect(Buffer.compare(Buffer.from(uncompressSync(Buffer.from(block))), bytes)).toBe(0)
        expect(Buffer.compare(uncompressed(block, bytes.length), bytes)).toBe(0)
        expect(block.length).toBeLessThanOrEqual(compressSync(Buffer.from(bytes)).length * 1.1 + 32)
      }),
      runs,
    )
  })

  it('is read as Snappy wrote it', () => {
    fc.assert(
      fc.property(contents, (bytes) => {
        const block = Uint8Array.from(compressSync(Buffer.from(bytes)))
        expect(Buffer.compare(uncompressed(block, bytes.length), bytes)).toBe(0)
      }),
      runs,
    )
  })

  it('is refused wherever it is cut off, and when its length is another', () => {
    fc.assert(
      fc.property(contents, fc.nat(), (bytes, cut) => {
        const block = compressSnappyBlock(bytes)
        const start = startOf(block)
        if (block.length > start) {
          const end = start + (cut % (block.length - start))
          expect(() => uncompressSnappyBlock(block.subarray(0, end), start, bytes.length)).toThrow(RangeError)
        }
        expect(() => uncompressSnappyBlock(block, start, bytes.length + 1)).toThrow(/shorter than it says/)
        if (bytes.length > 0)
          expect(() => uncompressSnappyBlock(block, start, bytes.length - 1)).toThrow(/longer than it says/)
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
    ['a copy without its distance', [0, 65, 2 | (3 << 2), 1], 5],
  ])('is refused with %s', (_, elements, length) => {
    expect(() => uncompressSnappyBlock(Uint8Array.from(elements), 0, length)).toThrow(RangeError)
  })

  it('may have a far copy and a literal of any length, which Snappy writes only for larger blocks', () => {
    const literal = [62 << 2, 3, 0, 0, 65, 66, 67, 68]
    const copy = [3 | (7 << 2), 2, 0, 0, 0]
    expect(Buffer.from(uncompressSnappyBlock(Uint8Array.from([...literal, ...copy]), 0, 12)).toString()).toBe(
      'ABCDCDCDCDCD',
    )
  })
})
