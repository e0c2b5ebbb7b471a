import { memory } from '@kafkado/broker'
import { defineTopic } from '@kafkado/core'
import { createKafkaClient } from '../../index.ts'
import { expect, it } from 'vitest'
import { jsonOf, plainBytes } from './printed-record.ts'

const topic = defineTopic('mixed', { key: 'bytes', value: 'bytes' })

it.each<[what: string, value: string | Buffer | null, inJson: string]>([
  ['JSON', '{"a":1}', '"value":{"a":1},"headers":{}}'],
  [
    'numbers that JSON.parse changes',
    '[9007199254740993,1e400,-0]',
    '"value":[9007199254740993,1e400,-0],"headers":{}}',
  ],
  ['JSON of several lines', '{\r\n"a":\n"x"}', '"value":{ "a": "x"},"headers":{}}'],
  ['a string of JSON', '"x"', '"value":"x","headers":{}}'],
  ['text', 'hello\nworld', '"value":"hello\\nworld","headers":{},"valueEncoding":"text"}'],
  ['no bytes', '', '"value":"","headers":{},"valueEncoding":"text"}'],
  ['a byte order mark', '\uFEFF1', '"value":"\uFEFF1","headers":{},"valueEncoding":"text"}'],
  ['bytes', Buffer.from([0xff, 0]), '"value":"/wA=","headers":{},"valueEncoding":"base64"}'],
  ['a tombstone', null, '"value":null,"headers":{}}'],
])('prints %s', async (_what, value, inJson) => {
  await using kafka = createKafkaClient(memory())
  await kafka.produce(topic, value === null ? null : Buffer.from(value), { key: Buffer.from('k'), timestamp: 5 })
  for await (const record of kafka.consumer('mixed').take(1)) {
    expect(jsonOf(record)).toBe(`{"topic":"mixed","partition":0,"offset":0,"timestamp":5,"key":"k",${inJson}`)
    expect(() => JSON.parse(jsonOf(record)) as unknown).not.toThrow()
    expect(Buffer.from(plainBytes(record))).toEqual(Buffer.concat([Buffer.from(value ?? ''), Buffer.from('\n')]))
  }
})

it('says which key and headers are base64', async () => {
  await using kafka = createKafkaClient(memory())
  const bytes = Buffer.from([0xff])
  await kafka.produce(topic, Buffer.from('1'), { key: bytes, headers: { a: bytes, b: 'x' } })
  for await (const record of kafka.consumer('mixed').take(1))
    expect(JSON.parse(jsonOf(record))).toMatchObject({
      key: '/w==',
      value: 1,
      headers: { a: '/w==', b: 'x' },
      keyEncoding: 'base64',
      headerEncodings: { a: 'base64' },
    })
})
