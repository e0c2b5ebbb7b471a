import { createConsumer } from '@kafkado/consumer'
import { http } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'

export async function page(server) {
  const transport = http({ url: server })
  const producer = createProducer(transport, 'of-groups')
  await producer.send({ orderId: '123' })
  await producer.close()
  const consumer = createConsumer(transport, 'of-groups', { group: `page-${performance.now()}` })
  const seen = []
  for await (const { value } of consumer.take(1)) seen.push(value.orderId)
  await consumer.close()
  await transport.close()
  return seen[0] === '123'
}
