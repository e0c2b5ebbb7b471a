// A topic with types, checked by the compiler and at run time, for producers and consumers.
import { createKafkaClient, defineTopic, SerializationError } from 'kafkado'
import { z } from 'zod'

const orders = defineTopic('orders', {
  value: z.object({ orderId: z.string(), amount: z.number() }),
  key: 'string',
})
const counters = defineTopic('counters', { value: 'int64' })

const kafka = createKafkaClient('memory:')
await kafka.produce(orders, { orderId: '123', amount: 99.99 }, { key: 'customer-1' })
await kafka.produce(counters, 42)

for await (const { key, value } of kafka.consume(orders, { group: 'typed' }).take(1)) {
  console.log(`${key} bought ${value.orderId} for ${value.amount.toFixed(2)}`)
}
//> customer-1 bought 123 for 99.99

const wrong = { orderId: '124', amount: 'much' } as unknown as { orderId: string; amount: number }
await kafka.produce(orders, wrong).catch((error: unknown) => {
  console.log(SerializationError.is(error), (error as Error).message.split(':')[0])
})
//> true topic 'orders'

await kafka.close()
