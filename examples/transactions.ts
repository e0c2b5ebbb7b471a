// Readers see all records of a transaction or none, and the records read count as read only together with its results.
import { createKafkaClient } from 'kafkado'

interface Order {
  readonly id: string
  readonly amount: number
}

const kafka = createKafkaClient('memory:')

await kafka.transaction('orders', async (tx) => {
  await tx.send({ id: 'a', amount: 10 }, { key: 'a' })
  await tx.send({ id: 'b', amount: 20 }, { key: 'b' })
})
await kafka
  .transaction('orders', async (tx) => {
    await tx.send({ id: 'lost', amount: 0 })
    throw new Error('out of stock')
  })
  .catch((error: unknown) => console.log((error as Error).message))
//> out of stock

// Consume, transform, produce: exactly once, even if this process dies in the middle.
const consumer = kafka.consumer<Order>('orders', { group: 'invoicer' })
for await (const record of consumer.take(2)) {
  await kafka.transaction(
    async (tx) => {
      await tx.send('invoices', { order: record.value.id, total: record.value.amount * 1.2 }, { key: record.key })
      await tx.commitOffsets(consumer)
    },
    { id: 'invoicer-1', timeout: '30s' },
  )
}
for await (const { value } of kafka
  .consume<{ order: string; total: number }>('invoices', { group: 'reader' })
  .take(2)) {
  console.log(value.order, value.total)
}
//> a 12
//> b 24

console.log((await kafka.admin.describeGroup('invoicer')).totalLag)
//> 0

await kafka.close()
