// Sends without an await share batches; each promise resolves for its own record.
import { createKafkaClient } from 'kafkado'

const kafka = createKafkaClient('memory:')
await kafka.admin.createTopic('events', { partitions: 4 })

const producer = kafka.producer<{ id: number }>('events', {
  lingerMs: 5,
  compression: 'gzip',
  acks: 'all',
  deliveryTimeout: '2m',
  maxBufferedBytes: 1024 * 1024,
})
for (let id = 0; id < 1000; id++) {
  // Await or catch each promise to learn of its record; here, close() waits for all of them.
  producer.send({ id }, { key: `key-${id % 10}` }).catch(console.error)
  await producer.ready()
}
await producer.flush()
const { recordsDelivered, recordsFailed, bufferedBytes } = producer.metrics()
console.log({ recordsDelivered, recordsFailed, bufferedBytes })
//> { recordsDelivered: 1000, recordsFailed: 0, bufferedBytes: 0 }

const metadata = await producer.sendBatch([
  { value: { id: 1000 }, key: 'key-0' },
  { value: { id: 1001 }, key: 'key-0', headers: { trace: 'abc' } },
])
console.log(metadata.length, metadata[0]?.partition === metadata[1]?.partition)
//> 2 true

const roundRobin = kafka.producer<number>('events', { partitioner: 'round-robin' })
console.log((await roundRobin.sendBatch([1, 2, 3, 4])).map(({ partition }) => partition).join(' '))
//> 0 1 2 3

await kafka.close()
