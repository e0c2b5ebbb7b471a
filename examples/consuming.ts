// Read one record at a time, in batches, from a time, from certain partitions, or from all topics that match.
import { createKafkaClient, topicsWithPrefix } from 'kafkado'

const kafka = createKafkaClient('memory:')
const producer = kafka.producer<number>('numbers')
await producer.sendBatch([...Array(10).keys()].map((value) => ({ value, timestamp: 1000 * (value + 1) })))

// A record counts as processed when the loop asks for the next one.
const consumer = kafka.consumer<number>('numbers', {
  group: 'reader',
  offset: 'earliest',
  autoCommitInterval: '5s',
  onAssigned: (partitions) => console.log(`${partitions.length} partition is mine`),
  onRevoked: () => console.log('and given back'),
})
consumer.on('stalled', ({ reason }) => console.error(`nothing moves: ${reason}`))
for await (const record of consumer) {
  if (record.value === 2) {
    await record.commit()
    break
  }
}
//> 1 partition is mine
//> and given back

console.log((await consumer.next()).value, consumer.health().state, consumer.lag()[0]?.lag)
//> 1 partition is mine
//> 3 running 6
consumer.seek({ topic: 'numbers', partition: 0, offset: 8 })
console.log((await consumer.next()).value)
//> 8
await consumer.seekToTimestamp(6000)
console.log((await consumer.next()).value)
//> 5
await consumer.close()
//> and given back

const even = kafka
  .consumer<number>('numbers', { group: 'even' })
  .filter(({ value }) => value % 2 === 0)
  .map(({ value }) => value * 100)
  .take(3)
for await (const value of even) console.log(value)
//> 0
//> 200
//> 400

for await (const batch of kafka
  .consumer<number>('numbers', { group: 'batches' })
  .batches({ size: 4, timeout: '1s' })
  .take(2)) {
  console.log(batch.records.map(({ value }) => value).join(' '))
  await batch.commit()
}
//> 0 1 2 3
//> 4 5 6 7

// Without a group: shows the records as `kcat` does, and commits nothing.
const reader = kafka.consumer<number>('numbers')
reader.assign([{ topic: 'numbers', partition: 0, offset: 9 }])
for await (const { value } of reader.take(1)) console.log(value)
//> 9

await kafka.produce('log.eu', 'a line')
for await (const { topic, value } of kafka.consumer(topicsWithPrefix('log.'), { group: 'logs' }).take(1))
  console.log(topic, value)
//> log.eu a line

await kafka.close()
