import * as z from 'zod/mini'
import { describe, expect, it } from 'vitest'
import { SerializationError } from '../errors/kafka-error.ts'
import { defineTopic, topicDefinitionOf, type TopicLike } from '../serialization/topic-definition.ts'
import { serializeField } from '../serialization/serde.ts'
import type { KafkaRecord } from './kafka-record.ts'
import { readKafkaRecords } from './read-kafka-records.ts'
import { RecordBatchBuilder } from '../batch/record-batch-builder.ts'
import type { RecordContent } from '../batch/format/record-content.ts'
import { readRecordBatchHeader } from '../batch/format/read-record-batch-header.ts'
import { type UnpackedRecordBatch, unpackRecordBatch } from '../batch/record-batch-reader.ts'

function recordOf<V, K = string>(topic: TopicLike<V, K>, content: Partial<RecordContent>): KafkaRecord<V, K> {
  const definition = topicDefinitionOf(topic)
  const builder = new RecordBatchBuilder()
  builder.append({ timestamp: 1000, key: null, value: null, headers: [], ...content })
  const batch = builder.build({ baseOffset: 41 }) as Uint8Array
  const source = {
    topic: definition.name,
    partition: 3,
    keySerde: definition.key,
    valueSerde: definition.value,
    commit: () => Promise.resolve(),
  }
  const records: KafkaRecord<V, K>[] = []
  const unpacked = unpackRecordBatch(batch, readRecordBatchHeader(batch)) as UnpackedRecordBatch
  readKafkaRecords(unpacked, { source, into: records })
  return records[0] as KafkaRecord<V, K>
}

describe('a record', () => {
  it('decodes JSON values, text keys and headers', () => {
    const record = recordOf('orders', {
      key: 'k',
      value: '{"amount":1}',
      headers: [
        ['trace', 'a'],
        ['trace', 'b'],
        ['none', null],
      ],
    })
    expect(record.toJSON()).toEqual({
      topic: 'orders',
      partition: 3,
      offset: 41,
      timestamp: 1000,
      key: 'k',
      value: { amount: 1 },
      headers: { trace: 'b', none: '' },
    })
    expect(record.rawHeaders.map(([name, value]) => [name, value && new TextDecoder().decode(value)])).toEqual([
      ['trace', 'a'],
      ['trace', 'b'],
      ['none', null],
    ])
  })

  it('is null where there is no key and no value', () => {
    const record = recordOf('orders', {})
    expect([record.key, record.value, record.rawKey, record.rawValue]).toEqual([null, null, null, null])
  })

  it('names topic, partition and offset when a value does not decode or match', () => {
    const orders = defineTopic('orders', { value: z.object({ amount: z.number() }) })
    const where = /topic 'orders' partition 3 offset 41: the value is not valid/
    expect(() => recordOf('orders', { value: '{"amount":' }).value).toThrow(where)
    expect(() => recordOf(orders, { value: '{"amount":"1"}' }).value).toThrow(/amount/)
    expect(() => recordOf(orders, { value: '{"amount":"1"}' }).value).toThrow(SerializationError)
    expect(() => recordOf<unknown>('orders', { value: '1' }).to(z.string())).toThrow(where)
    expect(recordOf<unknown>('orders', { value: '"a"' }).to(z.string())).toBe('a')
  })

  it.each([
    ['int64', 2 ** 40 + 1],
    ['int64', -5],
    ['float64', 0.1],
    ['string', 'ключ'],
    ['bytes', new Uint8Array([0, 255])],
  ] as const)('reads keys that were written as %s', (key, value) => {
    const topic = defineTopic('orders', { key })
    const written = serializeField(topic.key, value, { topic: 'orders', field: 'key' })
    expect(recordOf(topic, { key: written }).key).toEqual(value)
  })

  it('refuses keys of the wrong type and 64-bit keys it would have to round', () => {
    const context = { topic: 'orders', field: 'key' } as const
    expect(() => serializeField(defineTopic('orders').key, 7 as never, context)).toThrow(
      /expected a string, got number 7/,
    )
    const numbered = defineTopic('orders', { key: 'int64' })
    expect(() => serializeField(numbered.key, 2 ** 53, context)).toThrow(/whole number/)
    expect(() => recordOf(numbered, { key: new Uint8Array(8).fill(0x7f) }).key).toThrow(/would be rounded/)
  })

  it.each(['', 'a b', '.', '..', 'é', 'a'.repeat(250), '../x'])('refuses the topic name %j', (name) => {
    expect(() => defineTopic(name)).toThrow(/not a valid topic name/)
  })
})
