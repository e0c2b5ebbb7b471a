import type { CompressionType } from '@kafkado/core'
import {
  assignAppendTime,
  assignOffset,
  buildControlBatch,
  compressionTypes,
  filterRecordBatch,
  readRecordBatchHeader,
  RecordBatchBuilder,
  unpackRecordBatch,
} from '@kafkado/core/internal'
import * as fc from 'fast-check'
import type { ServedLog } from '../served-logs.ts'

/** What a reader has to get of a record. `value` is {@link poison} where it cannot be decoded. */
export interface ExpectedRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** Stands for a value that cannot be decoded. */
export const poison = 'a value that cannot be decoded'

const text = fc.oneof(
  fc.string({ maxLength: 10 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  // It also stands for bytes that are not UTF-8.
  fc.constantFrom('\ufffd', 'a\ufffdb', '\ufeff', 'x'.repeat(200)),
)
const notValues = [Uint8Array.of(0xff), Uint8Array.of(0x22, 0xc3, 0x28, 0x22), '{"a":'] as const
const value = fc.oneof(
  { weight: 8, arbitrary: fc.record({ a: text, b: fc.integer() }) },
  { weight: 2, arbitrary: text },
  { weight: 1, arbitrary: fc.constant(null) },
)
const record = fc.record({
  key: fc.option(text),
  value,
  poison: fc.option(fc.constantFrom(...notValues), { freq: 12 }),
  headers: fc.array(fc.tuple(text, fc.option(text)), { maxLength: 2 }),
  timestamp: fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 2 ** 52 })),
  isCompacted: fc.boolean(),
})
const batch = fc.record({
  records: fc.array(record, { minLength: 1, maxLength: 12 }),
  ending: fc.constantFrom('no transaction' as const, 'commit' as const, 'abort' as const),
  producerId: fc.nat(1),
  isCompacted: fc.boolean(),
  appendTimeMs: fc.option(fc.constant(77), { freq: 5 }),
  compression: fc.constantFrom<CompressionType>(...compressionTypes),
})
type RandomBatch = typeof batch extends fc.Arbitrary<infer T> ? T : never

/** The batches of a partition, as data. */
export const randomLog: fc.Arbitrary<RandomBatch[]> = fc.array(batch, { maxLength: 5 })

/** The log of a partition, and what a reader of committed records has to get of it. */
export async function makeLog(
  batches: readonly RandomBatch[],
  partition: number,
): Promise<{ log: ServedLog; expected: ExpectedRecord[] }> {
  const log = { batches: [] as Uint8Array[], aborted: [] as ServedLog['aborted'][number][] }
  const expected: ExpectedRecord[] = []
  let baseOffset = 0
  for (const { records, ending, producerId, isCompacted, appendTimeMs, compression } of batches) {
    const isTransactional = ending !== 'no transaction'
    const builder = new RecordBatchBuilder()
    for (const { key, value: own, poison: bytes, headers, timestamp } of records)
      builder.append({ key, value: bytes ?? (own === null ? null : JSON.stringify(own)), headers, timestamp })
    const numbers = isTransactional ? { producerId, producerEpoch: 0, baseSequence: 0 } : {}
    const whole = await builder.build({ ...numbers, compression, isTransactional, baseOffset })
    if (appendTimeMs !== null) assignAppendTime(whole, appendTimeMs)
    const isKept = (index: number): boolean => !isCompacted || records[index]?.isCompacted === false
    const unpacked = await unpackRecordBatch(whole, readRecordBatchHeader(whole))
    const first = baseOffset
    const kept = isCompacted ? await filterRecordBatch(unpacked, (_, offset) => isKept(offset - first)) : whole
    if (kept) log.batches.push(kept)
    for (const [index, { key, value: own, poison: bytes, headers, timestamp }] of records.entries())
      if (ending !== 'abort' && isKept(index))
        expected.push({
          partition,
          offset: first + index,
          timestamp: appendTimeMs ?? timestamp,
          key,
          value: bytes === null ? own : poison,
          headers: Object.fromEntries(headers.map(([name, content]) => [name, content ?? ''])),
        })
    baseOffset += records.length
    if (!isTransactional) continue
    if (ending === 'abort') log.aborted.push({ producerId, firstOffset: first, endOffset: baseOffset + 1 })
    const marker = buildControlBatch(ending, producerId, 0, 1)
    assignOffset(marker, baseOffset, 0)
    log.batches.push(marker)
    baseOffset++
  }
  return { log, expected }
}
