// A failing handler is retried. A record that never succeeds is put aside with its origin, so that the others can
// continue.
import { createKafkaClient, deadLetter, withRetry } from 'kafkado'

const kafka = createKafkaClient('memory:')
await kafka.producer<string>('orders').sendBatch(['good', 'bad', 'good again'])

const handle = withRetry(
  ({ value }: { value: string }) => {
    if (value === 'bad') throw new Error('cannot be read')
    console.log(`handled: ${value}`)
    if (value === 'good again') void consumer.close()
  },
  { attempts: 3, backoff: '1ms', maxBackoff: '30s', jitter: 0.1 },
)
const consumer = kafka.consumer<string>('orders', { group: 'handler', onInvalid: { deadLetter: 'orders-dlq' } })
await consumer.forEach(handle, { onFailure: deadLetter(kafka.producer('orders-dlq')) })
//> handled: good
//> handled: good again

for await (const { value, headers } of kafka.consume<string>('orders-dlq', { group: 'operator' }).take(1)) {
  console.log(
    value,
    headers['original-topic'],
    headers['original-partition'],
    headers['original-offset'],
    headers['error'],
  )
}
//> bad orders 0 1 Error: cannot be read

await kafka.close()
