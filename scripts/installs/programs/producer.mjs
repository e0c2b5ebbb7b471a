import { http } from '@kafkado/core'
import { createProducer, createTransactionalProducer } from '@kafkado/producer'

const transport = http({ url: process.env['KAFKADO_SERVER'] })
const producer = createProducer(transport, 'of-producer', { compression: 'gzip' })
await producer.send({ key: 'a', value: { orderId: 1 } })
await producer.close()
const transactional = createTransactionalProducer(transport, { transactionalId: 'of-producer' })
await transactional.transaction((transaction) => transaction.send('of-producer', { value: { orderId: 2 } }))
await transactional.close()
// Each needs a package of its own, which is there when optional dependencies are.
for (const compression of ['snappy', 'lz4', 'zstd']) {
  const compressing = createProducer(transport, 'of-producer', { compression })
  await compressing.send({ value: { orderId: 'x'.repeat(1000) } })
  await compressing.close()
}
await transport.close()
console.log('used')
