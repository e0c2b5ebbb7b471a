import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KafkaError } from '../errors/kafka-error.ts'
import { compress, type CompressionType, compressionTypes, decompress } from './compression/compression.ts'
import { uncompressedLz4Bytes } from './compression/lz4-frame.ts'
import { RecordBatchBuilder } from './record-batch-builder.ts'
import { readRecordBatchHeader } from './format/read-record-batch-header.ts'
import { readHeaders } from './read-headers.ts'
import { recordBatchesIn, type UnpackedRecordBatch, unpackRecordBatch } from './record-batch-reader.ts'
import { readRecords } from './record-walk.ts'
import { RecordCheck } from './record-check.ts'
import { UncompressedTooLong } from './compression/uncompressed-too-long.ts'

const golden = readFileSync(new URL('golden/kafka-clients.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { name: string; hex: string })

async function built(count: number, compression: CompressionType = 'none'): Promise<UnpackedRecordBatch> {
  const builder = new RecordBatchBuilder()
  for (let index = 0; index < count; index++) {
    builder.append({
      timestamp: 1000 + (index % 7),
      key: index % 3 === 0 ? null : `key ${index}`,
      value: index % 5 === 0 ? null : 'v'.repeat(index % 200),
      headers: index % 2 === 0 ? [] : [['name', index % 4 === 1 ? null : 'content']],
    })
  }
  const batch = await builder.build({ compression })
  return unpackRecordBatch(batch, readRecordBatchHeader(batch))
}

describe('RecordCheck', () => {
  it.each(golden)('takes what Apache Kafka itself writes: $name', async ({ hex }) => {
    for (const { header, batch } of recordBatchesIn(Buffer.from(hex, 'hex'))) {
      const check = new RecordCheck(await unpackRecordBatch(batch, header))
      expect(check.next(header.recordsCount)).toBe(false)
      expect(check.maxTimestamp).toBe(header.maxTimestamp)
    }
  })

  it.each(compressionTypes)('finds the same in one go and in pieces (%s)', async (compression) => {
    const batch = await built(500, compression)
    const [whole, pieces] = [new RecordCheck(batch), new RecordCheck(batch)]
    expect(whole.next(500)).toBe(false)
    let rounds = 1
    while (pieces.next(7)) rounds++
    expect(rounds).toBe(Math.ceil(500 / 7))
    for (const check of [whole, pieces])
      expect(check).toMatchObject({ minTimestamp: 1000, maxTimestamp: 1006, lacksKey: true })
  })

  it('takes nothing that a reader stumbles over, whatever bytes are changed', async () => {
    const { header, bytes, recordsStart } = await built(12)
    let taken = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: recordsStart, max: bytes.length - 1 }), fc.nat(255)), { maxLength: 3 }),
        (changes) => {
          const changed = bytes.slice()
          for (const [at, byte] of changes) changed[at] = byte
          const batch = { header, bytes: changed, recordsStart, recordsEnd: changed.length }
          try {
            new RecordCheck(batch).next(header.recordsCount)
          } catch (error) {
            expect(KafkaError.is(error)).toBe(true)
            return
          }
          taken++
          let next = header.baseOffset
          readRecords(batch, (_, offset, __, keyStart, keyEnd, valueStart, valueEnd, headersStart, count, ___, end) => {
            expect(offset).toBe(next++)
            expect(Math.max(keyStart, valueStart, keyEnd, valueEnd, headersStart)).toBeLessThanOrEqual(end)
            expect(readHeaders(changed, headersStart, count)).toHaveLength(count)
          })
        },
      ),
      { numRuns: 600 },
    )
    // Changing a key or a value leaves the batch consistent.
    expect(taken).toBeGreaterThan(60)
  })
})

const contents: [name: string, bytes: Uint8Array][] = [
  ['nothing', new Uint8Array(0)],
  ['a byte', Uint8Array.of(7)],
  ['zeros', new Uint8Array(3_000_000)],
  ['text', new TextEncoder().encode('the same words again and again; '.repeat(20_000))],
  ['noise', Uint8Array.from({ length: 300_000 }, (_, index) => Math.imul(index ^ (index >>> 3), 2_654_435_761) >>> 24)],
]

describe.each(contents)('%s', (_, bytes) => {
  describe.each(compressionTypes.filter((type) => type !== 'none'))('as %s', (type) => {
    const typeNumber = compressionTypes.indexOf(type)

    it.each([false, true])('is unpacked to its length and no further (beside: %s)', async (beside) => {
      const packed = await compress(type, bytes)
      expect(Buffer.compare(await decompress(typeNumber, packed, Math.max(bytes.length, 1), beside), bytes)).toBe(0)
      if (bytes.length < 2) return
      const refused = await Promise.resolve()
        .then(() => decompress(typeNumber, packed, bytes.length - 1, beside))
        .catch((error: unknown) => error)
      expect((refused as KafkaError).cause).toBeInstanceOf(UncompressedTooLong)
    })

    it.each([false, true])('is refused when it is cut off (beside: %s)', async (beside) => {
      // A framed snappy of no bytes has no block to cut off.
      if (bytes.length === 0) return
      const packed = await compress(type, bytes)
      const cut = packed.subarray(0, packed.length - 1)
      const unpacked = Promise.resolve().then(() => decompress(typeNumber, cut, bytes.length + 1, beside))
      await expect(unpacked).rejects.toThrow(KafkaError)
    })
  })
})

describe('the length of an LZ4 frame', () => {
  it.each(contents)('is told without unpacking it: %s', async (_, bytes) => {
    const packed = await compress('lz4', bytes)
    expect(uncompressedLz4Bytes(packed, Number.POSITIVE_INFINITY)).toBe(bytes.length)
  })

  it('is told or refused, whatever bytes there are', async () => {
    const packed = await compress('lz4', contents[3]?.[1] as Uint8Array)
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), fc.nat(packed.length), (at, byte, length) => {
        const changed = packed.slice(0, length)
        if (at < length) changed[at] = byte
        try {
          expect(uncompressedLz4Bytes(changed, 1e9)).toBeGreaterThanOrEqual(0)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
