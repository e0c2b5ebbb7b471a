import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KafkaError } from '../errors/kafka-error.ts'
import { type CompressionType, compressionTypes } from './compression/compression.ts'
import { crc32c } from './format/crc32c.ts'
import { crc32c as fastestCrc32c } from './format/crc32c.node.ts'
import { RecordBatchBuilder } from './record-batch-builder.ts'
import type { RecordContent } from './format/record-content.ts'
import {
  assignAppendTime,
  assignOffset,
  batchOverheadBytes,
  recordBatchFieldsAt as at,
  recordBatchHeaderBytes,
} from './format/record-batch-header.ts'
import {
  producerIdOf,
  readRecordBatchHeader,
  soundRecordBatches,
  verifyChecksum,
} from './format/read-record-batch-header.ts'
import { readHeaders } from './read-headers.ts'
import { recordBatchesIn, unpackRecordBatch } from './record-batch-reader.ts'
import { readRecords } from './record-walk.ts'
import { splitRecordBatch } from './split-record-batch.ts'
import { varintBytes, writeVarint } from './format/varint.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const plain = (content: string | Uint8Array | null): number[] | null =>
  content === null ? null : [...(typeof content === 'string' ? utf8(content) : content)]

async function encode(
  records: RecordContent[],
  compression: CompressionType = 'none',
  initialCapacity?: number,
): Promise<Uint8Array> {
  const builder = new RecordBatchBuilder(initialCapacity)
  for (const record of records) builder.append(record)
  return builder.build({ compression })
}

async function decode(bytes: Uint8Array, maxBytes?: number): Promise<object[]> {
  const records: object[] = []
  for (const { header, batch } of recordBatchesIn(bytes)) {
    readRecords(
      await unpackRecordBatch(batch, header, maxBytes),
      (content, _offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
        records.push({
          timestamp,
          key: keyStart < 0 ? null : [...content.subarray(keyStart, keyEnd)],
          value: valueStart < 0 ? null : [...content.subarray(valueStart, valueEnd)],
          headers: readHeaders(content, headersStart, count).map(([name, value]) => [name, plain(value)]),
        })
      },
    )
  }
  return records
}

const plainRecord = (timestamp: number): RecordContent => ({ timestamp, key: null, value: 'x', headers: [] })

const content = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.uint8Array({ maxLength: 60 }),
)
const record: fc.Arbitrary<RecordContent> = fc.record({
  timestamp: fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.maxSafeNat()),
  key: content,
  value: content,
  headers: fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 8 }), content), { maxLength: 3 }),
})

describe('a record batch', () => {
  it('reads back what was written, with every codec', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...compressionTypes),
        fc.nat(100),
        async (records, codec, capacity) => {
          const expected = records.map(({ timestamp, key, value, headers }) => ({
            timestamp,
            key: plain(key),
            value: plain(value),
            headers: headers.map(([name, header]) => [
              new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8(name)),
              plain(header),
            ]),
          }))
          expect(await decode(await encode(records, codec, capacity))).toEqual(expected)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('splits into two, with the bytes that two builders would have written', async () => {
    const long = record.map((one) => ({ ...one, value: 'ü'.repeat(10_000) }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 9, arbitrary: record }, long), { minLength: 2, maxLength: 200, size: 'max' }),
        async (records) => {
          const whole = new RecordBatchBuilder()
          for (const one of records) whole.append(one)
          const middle = Math.ceil(records.length / 2)
          const halves = splitRecordBatch(
            whole,
            records.map(({ timestamp }) => timestamp),
          )
          expect(halves.map((half) => half.build())).toEqual([
            await encode(records.slice(0, middle)),
            await encode(records.slice(middle)),
          ])
        },
      ),
      { numRuns: 50 },
    )
  })

  it('keeps its checksum when it is given its place, and gets a new one with the time of the append', async () => {
    const batch = await encode([{ timestamp: 5, key: null, value: 'a', headers: [] }])
    assignOffset(batch, 2 ** 40, 7)
    const placed = readRecordBatchHeader(batch)
    expect(placed).toMatchObject({
      baseOffset: 2 ** 40,
      partitionLeaderEpoch: 7,
      timestampType: 'createTime',
      maxTimestamp: 5,
    })
    expect(() => verifyChecksum(batch, placed)).not.toThrow()
    assignAppendTime(batch, 99)
    const stamped = readRecordBatchHeader(batch)
    expect(stamped).toMatchObject({ timestampType: 'logAppendTime', maxTimestamp: 99 })
    expect(() => verifyChecksum(batch, stamped)).not.toThrow()
    expect(await decode(batch)).toMatchObject([{ timestamp: 99 }])
  })

  it('is known to be cut off, also where what is missing are zeros', async () => {
    const [first, second] = [await encode([plainRecord(1)]), await encode([plainRecord(2)])]
    const both = new Uint8Array([...first, ...second])
    // The last byte of a record without headers is 0, like the bytes that a disk has not written yet.
    expect(both.at(-1)).toBe(0)
    expect(soundRecordBatches(both).soundBytes).toBe(both.length)
    for (let cut = both.length - 1; cut >= first.length; cut--)
      expect(soundRecordBatches(both.subarray(0, cut)).soundBytes).toBe(first.length)
    for (let cut = first.length - 1; cut >= 0; cut--)
      expect(soundRecordBatches(both.subarray(0, cut))).toEqual({ soundBytes: 0, endOffset: -1 })
  })

  it('has the greatest timestamp of its records, wherever that record is', async () => {
    const orders = [
      [1, 2, 3],
      [3, 1, 2],
      [1, 3, 2],
    ]
    for (const timestamps of orders) {
      const header = readRecordBatchHeader(await encode(timestamps.map(plainRecord)))
      expect(header).toMatchObject({ baseTimestamp: timestamps[0], maxTimestamp: 3 })
    }
  })

  it('refuses bytes with a flipped bit, and never fails with anything but its own error', async () => {
    const batch = await encode([{ timestamp: 1, key: 'key', value: 'some value', headers: [['name', 'text']] }])
    for (let bit = 0; bit < batch.length * 8; bit++) {
      const flipped = batch.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      const error: unknown = await decode(flipped).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      // Offset and leader epoch lie outside the checksum; a greater length makes the batch look incomplete.
      if (bit >= at.magic * 8) expect(error, `bit ${bit}`).toBeInstanceOf(KafkaError)
      else if (error !== undefined) expect(error, `bit ${bit}`).toBeInstanceOf(KafkaError)
    }
  })

  it('refuses random records behind a header with a matching checksum', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.nat(5), fc.nat(4), async (noise, count, codec) => {
        const batch = new Uint8Array(recordBatchHeaderBytes + noise.length)
        batch.set(
          await encode([{ timestamp: 1, key: null, value: null, headers: [] }]).then((bytes) =>
            bytes.subarray(0, recordBatchHeaderBytes),
          ),
        )
        batch.set(noise, recordBatchHeaderBytes)
        const view = new DataView(batch.buffer)
        view.setInt32(at.batchLength, batch.length - batchOverheadBytes)
        view.setInt16(at.attributes, codec)
        view.setInt32(at.recordsCount, count)
        view.setUint32(at.crc, crc32c(batch, at.attributes))
        await decode(batch, 10_000).catch((error: unknown) => expect(error).toBeInstanceOf(KafkaError))
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'stops a %s batch that unpacks to more than the reader takes',
    async (codec) => {
      const batch = await encode([{ timestamp: 1, key: null, value: 'a'.repeat(100_000), headers: [] }], codec)
      await expect(decode(batch, 50_000)).rejects.toThrow(KafkaError)
      expect(await decode(batch, 200_000)).toHaveLength(1)
    },
  )

  it('refuses a timestamp that is no whole number', async () => {
    await expect(encode([{ timestamp: 1.5, key: null, value: null, headers: [] }])).rejects.toThrow(/timestamp 1.5/)
  })

  it('refuses a producer id beyond 2^53 - 1 rather than round it', async () => {
    const batch = await encode([{ timestamp: 1, key: null, value: null, headers: [] }])
    new DataView(batch.buffer).setBigInt64(at.producerId, 2n ** 60n)
    expect(() => readRecordBatchHeader(batch)).toThrow(/1152921504606846976.*would be rounded/)
    expect(producerIdOf(batch)).toBe(-1)
    expect(producerIdOf(batch.subarray(0, 10))).toBe(-1)
  })
})

describe('crc32c', () => {
  it('gives the check value of the algorithm', () => {
    expect(crc32c(utf8('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(0))).toBe(0)
  })

  it('is the same over any length as one bit at a time', () => {
    const slow = (bytes: Uint8Array): number => {
      let crc = 0xffffffff
      for (const byte of bytes) {
        crc ^= byte
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
      }
      return ~crc >>> 0
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => crc32c(bytes) === slow(bytes)))
  })

  it('is the same with native code, over any part', () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff)
    for (const [start, end] of [
      [0, 5000],
      [1, 5000],
      [3, 199],
      [3, 204],
      [100, 4999],
      [5000, 5000],
    ] as const)
      expect(fastestCrc32c(bytes, start, end)).toBe(crc32c(bytes, start, end))
  })
})

describe('varints', () => {
  it.each([
    [0, [0x00]],
    [-1, [0x01]],
    [1, [0x02]],
    [63, [0x7e]],
    [-65, [0x81, 0x01]],
    [2 ** 31 - 1, [0xfe, 0xff, 0xff, 0xff, 0x0f]],
    [-(2 ** 31), [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('writes %d as Kafka does', (value, expected) => {
    const bytes = new Uint8Array(10)
    const end = writeVarint(bytes, 0, value)
    expect([...bytes.subarray(0, end)]).toEqual(expected)
    expect(varintBytes(value)).toBe(end)
  })
})
