import { http, metadata } from '@kafkado/core'
import { createConsumer } from '@kafkado/consumer'

const transport = http({ url: process.env['KAFKADO_SERVER'] })
// Makes the topic. Nothing is produced by a consumer, so an empty topic has to do.
await transport.send(metadata, { topics: ['of-consumer'], allowAutoTopicCreation: true })
const consumer = createConsumer(transport, 'of-consumer', { group: 'of-consumer' })
const assigned = new Promise((resolve) => consumer.on('assigned', resolve))
const loop = (async () => {
  for await (const _record of consumer);
})()
await assigned
await consumer.close()
await loop
await transport.close()
console.log('used')
