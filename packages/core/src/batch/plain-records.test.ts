import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecordBatchHeader } from './format/read-record-batch-header.ts'
import { plainRecords, type RecordFacts } from './plain-records.ts'
import { RecordBatchBuilder } from './record-batch-builder.ts'
import { recordBatchesIn, type UnpackedRecordBatch, unpackRecordBatch } from './record-batch-reader.ts'
import { RecordCheck } from './record-check.ts'

const golden = readFileSync(new URL('golden/kafka-clients.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { name: string; hex: string })

interface Made {
  readonly count: number
  readonly timestamp?: number
  readonly apartMs?: number
  readonly value?: string | null
}

function built({ count, timestamp = 1_764_000_000_000, apartMs = 1, value = 'content' }: Made): UnpackedRecordBatch {
  const builder = new RecordBatchBuilder()
  for (let index = 0; index < count; index++) {
    builder.append({
      // Not in order.
      timestamp: timestamp + (index % 2 === 0 ? 1 : -1) * index * apartMs,
      key: index % 3 === 2 ? null : `key ${index}`,
      value: index % 5 === 4 ? null : value,
      headers: index % 2 === 0 ? [] : [['name', index % 4 === 1 ? null : 'content']],
    })
  }
  const bytes = builder.build() as Uint8Array
  return unpackRecordBatch(bytes, readRecordBatchHeader(bytes)) as UnpackedRecordBatch
}

/** As found by a careful walk; undefined if it refuses the records. */
function carefully(batch: UnpackedRecordBatch): RecordFacts | undefined {
  const check = new RecordCheck(batch)
  try {
    check.next(batch.header.recordsCount)
  } catch {
    return undefined
  }
  const { maxTimestamp, minTimestamp, lacksKey } = check
  return { maxTimestamp, minTimestamp, lacksKey }
}

describe('plainRecords', () => {
  it.each<Made>([
    { count: 1 },
    { count: 64 },
    { count: 65, value: 'v'.repeat(64) },
    { count: 9000, value: null },
    { count: 3, value: 'v'.repeat(8192) },
    { count: 100, apartMs: 90 },
    { count: 100, apartMs: 9000 },
  ])('finds what a careful walk finds: %o', (made) => {
    const batch = built(made)
    expect(plainRecords(batch)).toBeDefined()
    expect(plainRecords(batch)).toEqual(carefully(batch))
  })

  it('leaves unusual records to the careful walk', () => {
    const { header, ...rest } = built({ count: 2 })
    expect(plainRecords(built({ count: 2, timestamp: -1, apartMs: 0 }))).toBeUndefined()
    expect(plainRecords(built({ count: 2, apartMs: 2 ** 32 }))).toBeUndefined()
    expect(plainRecords(built({ count: 2, value: 'v'.repeat(2 ** 20) }))).toBeUndefined()
    expect(plainRecords({ header: { ...header, baseTimestamp: 2 ** 53 }, ...rest })).toBeUndefined()
    expect(plainRecords({ header: { ...header, timestampType: 'logAppendTime' }, ...rest })).toBeUndefined()
  })

  it.each(golden)('finds nothing else in what Apache Kafka writes: $name', async ({ hex }) => {
    for (const { header, batch } of recordBatchesIn(Buffer.from(hex, 'hex'))) {
      const unpacked = await unpackRecordBatch(batch, header)
      expect([undefined, carefully(unpacked)]).toContainEqual(plainRecords(unpacked))
    }
  })

  it('takes nothing that a careful walk refuses, whatever bytes are changed', () => {
    const { header, bytes, recordsStart } = built({ count: 9, value: 'v' })
    const place = fc.integer({ min: recordsStart, max: bytes.length - 1 })
    const nearby = fc.constantFrom(0x00, 0x01, 0x02, 0x03, 0x7f, 0x80, 0x81, 0xff)
    let taken = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.oneof(nearby, fc.nat(255))), { maxLength: 3 }),
        fc.nat(3),
        (changes, cut) => {
          const changed = bytes.slice()
          for (const [at, byte] of changes) changed[at] = byte
          const batch = { header, bytes: changed, recordsStart, recordsEnd: changed.length - cut }
          const facts = plainRecords(batch)
          if (!facts) return
          taken++
          expect(carefully(batch)).toEqual(facts)
        },
      ),
      { numRuns: 3000 },
    )
    expect(taken).toBeGreaterThan(100)
  })
})
