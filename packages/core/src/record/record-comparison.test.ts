import assert from 'node:assert/strict'
import { inspect, isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topicDefinitionOf } from '../serialization/topic-definition.ts'
import { type AnyKafkaRecord, KafkaRecord } from './kafka-record.ts'
import { readKafkaRecords } from './read-kafka-records.ts'
import { RecordBatchBuilder } from '../batch/record-batch-builder.ts'
import { readRecordBatchHeader } from '../batch/format/read-record-batch-header.ts'
import { type UnpackedRecordBatch, unpackRecordBatch } from '../batch/record-batch-reader.ts'

interface Content {
  topic: string
  partition: number
  offset: number
  timestamp: number
  key: string | null
  value: unknown
  headers: Record<string, string>
}

const partly = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

const contents: fc.Arbitrary<Content> = fc.record(
  {
    topic: partly('orders', 'orders-2'),
    partition: partly(0, 1),
    offset: partly(0, 41),
    timestamp: partly(1000, 2000),
    key: partly(null, '', 'k', 'null'),
    value: partly<unknown>(null, 0, '', 'v', { amount: 41 }, { amount: 42 }, [1], { nested: { list: [{}, null] } }),
    headers: partly<Record<string, string>>({}, { trace: '' }, { trace: 'a' }, { trace: 'a', other: 'b' }),
  },
  { noNullPrototype: true },
)

/** Two records that differ in at most one field, as such pairs are easily mistaken for equal. */
const pairs = fc
  .tuple(
    contents,
    contents,
    partly<keyof Content>('topic', 'partition', 'offset', 'timestamp', 'key', 'value', 'headers'),
  )
  .map(([left, other, field]) => [left, { ...left, [field]: other[field] }] as const)

function recordOf(
  content: Content,
  value = content.value === null ? null : JSON.stringify(content.value),
): AnyKafkaRecord {
  const { topic, partition, offset, timestamp, key, headers } = content
  const { key: keySerde, value: valueSerde } = topicDefinitionOf(topic)
  const builder = new RecordBatchBuilder()
  builder.append({ timestamp, key, value, headers: Object.entries(headers) })
  const batch = builder.build({ baseOffset: offset }) as Uint8Array
  const records: AnyKafkaRecord[] = []
  const source = { topic, partition, keySerde, valueSerde, commit: () => Promise.resolve() }
  readKafkaRecords(unpackRecordBatch(batch, readRecordBatchHeader(batch)) as UnpackedRecordBatch, {
    source,
    into: records,
  })
  return records[0] as AnyKafkaRecord
}

const printed = (record: AnyKafkaRecord): string => inspect(record, { depth: null })

function messageOf(comparison: () => void): string | undefined {
  try {
    comparison()
  } catch (error) {
    return (error as Error).message
  }
  return undefined
}

/** Each comparison makes new records, so that it cannot profit from an earlier one. */
const comparisons: Record<string, (left: AnyKafkaRecord, right: AnyKafkaRecord) => boolean> = {
  toEqual: (left, right) => messageOf(() => expect(left).toEqual(right)) === undefined,
  toStrictEqual: (left, right) => messageOf(() => expect(left).toStrictEqual(right)) === undefined,
  'toEqual in a list': (left, right) => messageOf(() => expect([{ left }]).toEqual([{ left: right }])) === undefined,
  toContainEqual: (left, right) => messageOf(() => expect([left]).toContainEqual(right)) === undefined,
  'deepStrictEqual of node:assert': (left, right) => messageOf(() => assert.deepStrictEqual(left, right)) === undefined,
  'isDeepStrictEqual of node:util': (left, right) => isDeepStrictEqual(new Set([left]), new Set([right])),
  'inspect of node:util': (left, right) => printed(left) === printed(right),
  toJSON: (left, right) => JSON.stringify(left) === JSON.stringify(right),
}

describe('records', () => {
  it.each(Object.entries(comparisons))('are equal by %s exactly when they hold the same', (_name, areEqual) => {
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        expect(areEqual(recordOf(left), recordOf(right))).toBe(isDeepStrictEqual(left, right))
      }),
      { numRuns: 300 },
    )
  })

  it('equal a plain object of what they hold, as toEqual looks at no types', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(recordOf(content)).toEqual(content)
      }),
    )
  })

  const orders: Content = {
    topic: 'orders',
    partition: 0,
    offset: 0,
    timestamp: 1000,
    key: 'k-1',
    value: { amount: 41 },
    headers: { trace: 'a' },
  }
  const other = { ...orders, value: { amount: 42 } }

  it.each<[string, (left: AnyKafkaRecord, right: AnyKafkaRecord) => void]>([
    ['toEqual', (left, right) => expect(left).toEqual(right)],
    ['toStrictEqual', (left, right) => expect(left).toStrictEqual(right)],
    ['deepStrictEqual', (left, right) => assert.deepStrictEqual(left, right)],
  ])('show in what they differ when %s fails', (_name, compare) => {
    let error: (Error & { diff?: string }) | undefined
    try {
      compare(recordOf(orders), recordOf(other))
    } catch (thrown) {
      error = thrown as Error
    }
    expect(inspect(error, { depth: null })).toMatch(/41[^]*42/)
    expect(inspect(error, { depth: null })).not.toMatch(/private member/)
  })

  it('print key and value', () => {
    expect(printed(recordOf(orders))).toMatch(/^KafkaRecord \{[^]*key: 'k-1'[^]*value: \{ amount: 41 \}[^]*trace: 'a'/)
  })

  it('are printed also when their value does not decode, with why', () => {
    const poisoned = recordOf(orders, '{"amount":')
    expect(printed(poisoned)).toMatch(/key: 'k-1'[^]*notDecoded: "topic 'orders' partition 0 offset 0: the value/)
    expect(JSON.stringify(poisoned)).toContain('notDecoded')
    expect(Object.prototype.toString.call(poisoned)).toBe('[object Object]')
    expect(inspect(poisoned, { customInspect: false, getters: true })).toContain('Inspection threw')
    expect(messageOf(() => expect(poisoned).toBeNull())).toContain('to be null')
    expect(messageOf(() => assert.equal(poisoned, null))).toContain('orders')
    expect(() => poisoned.value).toThrow('the value is not valid')
  })

  it('have no tag of their own on the prototype, which holds nothing', () => {
    expect(Object.prototype.toString.call(KafkaRecord.prototype)).toBe('[object Object]')
  })
})
