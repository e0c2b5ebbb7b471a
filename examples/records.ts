// The parts of a record, and their cost: key and value are decoded when they are first read.
import { createKafkaClient } from 'kafkado'
import { z } from 'zod'

const kafka = createKafkaClient('memory:')
await kafka.produce(
  'readings',
  { celsius: 21.5 },
  { key: 'sensor-1', headers: { unit: 'C', raw: new Uint8Array([1, 2]) }, timestamp: new Date('2026-01-01T00:00:00Z') },
)
await kafka.produce('readings', null, { key: 'sensor-1' })

const consumer = kafka.consume('readings', { group: 'records' })
const reading = await consumer.next()
const tombstone = await consumer.next()
console.log(reading.topic, reading.partition, reading.offset, reading.timestamp)
//> readings 0 0 1767225600000
console.log(reading.key, reading.headers['unit'], reading.rawHeaders[1]?.[1]?.length, reading.rawValue?.length)
//> sensor-1 C 2 16
console.log(reading.to(z.object({ celsius: z.number() })).celsius)
//> 21.5
console.log(tombstone.key, tombstone.value)
//> sensor-1 null

await kafka.close()
