// Writes and reads many records with objects within objects, for a test that watches what V8 does meanwhile.
import { memory } from '@kafkado/broker'
import { createConsumer } from '@kafkado/consumer'
import { createProducer } from '@kafkado/producer'

const records = 60_000
/** Made before they are sent: V8 then treats their names in another way than those of fresh literals. */
const orders = Array.from({ length: 1000 }, (_, index) => ({
  orderId: `order-${index}`,
  customer: `customer-${index % 997}`,
  amount: (index % 10_000) / 100,
  items: [
    { sku: `sku-${index % 83}`, quantity: 1 + (index % 5) },
    { sku: `sku-${index % 61}`, quantity: 2 },
  ],
  note: 'leave it at the door, please',
}))
const engine = memory()
const producer = createProducer(engine, 'orders')
for (let index = 0; index < records; index++) {
  void producer.send(orders[index % orders.length])
  if (index % 100 === 0) await producer.ready()
}
await producer.close()
let read = 0
for await (const { value } of createConsumer(engine, 'orders', { group: 'readers' }).take(records)) if (value) read++
await engine.close()
process.stderr.write(`read ${read}`)
