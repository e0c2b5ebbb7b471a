import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compressionTypes } from './compression/compression.ts'
import { RecordBatchBuilder } from './record-batch-builder.ts'
import { readHeaders } from './read-headers.ts'
import { recordBatchesIn, unpackRecordBatch } from './record-batch-reader.ts'
import { readRecords } from './record-walk.ts'

interface GoldenBatch {
  name: string
  hex: string
  baseOffset: number
  lastOffset: number
  partitionLeaderEpoch: number
  compression: string
  timestampType: string
  maxTimestamp: number
  producerId: number
  producerEpoch: number
  baseSequence: number
  isTransactional: boolean
  isControl: boolean
  records: {
    offset: number
    timestamp: number
    key: string | null
    value: string | null
    headers: [string, string | null][]
  }[]
}

const goldenBatches = readFileSync(new URL('golden/kafka-clients.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as GoldenBatch)

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('base64')
const bytesOf = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text, 'base64'))

async function decode(bytes: Uint8Array): Promise<Omit<GoldenBatch, 'name' | 'hex'>[]> {
  const batches = []
  for (const { header, batch } of recordBatchesIn(bytes)) {
    const records: GoldenBatch['records'] = []
    readRecords(
      await unpackRecordBatch(batch, header),
      (content, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
        records.push({
          offset,
          timestamp,
          key: keyStart < 0 ? null : base64(content.subarray(keyStart, keyEnd)),
          value: valueStart < 0 ? null : base64(content.subarray(valueStart, valueEnd)),
          headers: readHeaders(content, headersStart, count).map(([name, value]) => [name, base64(value)]),
        })
      },
    )
    const {
      baseOffset,
      lastOffset,
      partitionLeaderEpoch,
      maxTimestamp,
      producerId,
      producerEpoch,
      baseSequence,
      isTransactional,
      isControl,
    } = header
    batches.push({
      baseOffset,
      lastOffset,
      partitionLeaderEpoch,
      compression: compressionTypes[header.compressionType] as string,
      timestampType: header.timestampType === 'createTime' ? 'CreateTime' : 'LogAppendTime',
      maxTimestamp,
      producerId,
      producerEpoch,
      baseSequence,
      isTransactional,
      isControl,
      records,
    })
  }
  return batches
}

describe("batches made by Apache Kafka's own encoder", () => {
  it('cover every codec, control batches and producer ids', () => {
    expect(new Set(goldenBatches.map(({ compression }) => compression))).toEqual(new Set(compressionTypes))
    expect(goldenBatches.filter(({ isControl }) => isControl)).toHaveLength(2)
    expect(goldenBatches.some(({ producerId }) => producerId > 2 ** 32)).toBe(true)
  })

  it.each(goldenBatches)('decode exactly: $name', async ({ hex, ...expected }) => {
    const [decoded] = await decode(Buffer.from(hex, 'hex'))
    expect({ name: expected.name, ...decoded }).toEqual(expected)
  })

  const uncompressed = goldenBatches.filter(
    ({ compression, timestampType, isControl }) =>
      compression === 'none' && timestampType === 'CreateTime' && !isControl,
  )
  it.each(uncompressed)(
    'are what our encoder makes of the same records, byte by byte: $name',
    async ({ hex, records, ...header }) => {
      const builder = new RecordBatchBuilder()
      for (const { timestamp, key, value, headers } of records) {
        builder.append({
          timestamp,
          key: bytesOf(key),
          value: bytesOf(value),
          headers: headers.map(([name, content]) => [name, bytesOf(content)]),
        })
      }
      const { baseOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence, isTransactional } = header
      const batch = await builder.build({
        baseOffset,
        partitionLeaderEpoch,
        producerId,
        producerEpoch,
        baseSequence,
        isTransactional,
      })
      expect(Buffer.from(batch).toString('hex')).toBe(hex)
    },
  )

  it('decode one after the other, and a batch that is cut off at the end is left out', async () => {
    const bytes = Buffer.concat(goldenBatches.map(({ hex }) => Buffer.from(hex, 'hex')))
    expect(await decode(bytes)).toHaveLength(goldenBatches.length)
    expect(await decode(bytes.subarray(0, bytes.length - 1))).toHaveLength(goldenBatches.length - 1)
  })
})
