import { http } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'

export async function page(server) {
  const transport = http({ url: server })
  const producer = createProducer(transport, 'of-pages', { compression: 'gzip' })
  const { offset } = await producer.send({ orderId: '123' }, { key: 'a' })
  await producer.close()
  await transport.close()
  return typeof offset === 'number' || typeof offset === 'bigint'
}
