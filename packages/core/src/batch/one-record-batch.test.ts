import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KafkaError } from '../errors/kafka-error.ts'
import type { Header } from './format/record-content.ts'
import { oneRecordBatch } from './one-record-batch.ts'
import { RecordBatchBuilder } from './record-batch-builder.ts'

const bytes = fc.uint8Array({ maxLength: 200 })
const long = fc.integer({ min: 8_000, max: 20_000 }).map((length) => new Uint8Array(length).fill(7))
const content = fc.option(fc.oneof({ weight: 9, arbitrary: bytes }, long), { nil: null })
const text = fc.string({ unit: 'grapheme', maxLength: 80 })
const record = fc.record({
  timestamp: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  key: content,
  value: content,
  headers: fc.array(fc.tuple(text, fc.oneof(text, content)) as fc.Arbitrary<Header>, { maxLength: 70 }),
})
const control = fc.option(
  fc.record({ producerId: fc.nat({ max: Number.MAX_SAFE_INTEGER }), producerEpoch: fc.nat({ max: 32_767 }) }),
  { nil: undefined },
)

it('the batch of one record is the one that a builder makes', () => {
  fc.assert(
    fc.property(record, control, (one, of) => {
      const builder = new RecordBatchBuilder()
      builder.append(one)
      const built = builder.build(of ? { ...of, isTransactional: true, isControl: true } : {}) as Uint8Array
      expect([...oneRecordBatch(one, of)]).toEqual([...built])
    }),
  )
})

it('the batch of one record refuses text that is not Unicode, as a builder does', () => {
  const headers: Header[] = [['error', 'half a pair: \ud800']]
  const refused = (write: () => unknown): string => {
    try {
      write()
    } catch (error) {
      if (KafkaError.is(error)) return error.code
    }
    return 'written'
  }
  const one = { timestamp: 1, key: null, value: null, headers }
  expect(refused(() => oneRecordBatch(one))).toBe('INVALID_REQUEST')
  expect(refused(() => new RecordBatchBuilder().append(one))).toBe('INVALID_REQUEST')
})
