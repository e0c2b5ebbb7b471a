import { createKafkaClient, type KafkaClient } from 'kafkado'
import { memoryInUse } from '../memory-in-use.ts'
import type { Dimension, Meter } from '../dimension.ts'

const records = Number(process.env['KAFKADO_BENCH_RECORDS'] ?? 200_000)
const unacknowledged = 20_000
const value = { orderId: 'a'.repeat(36), amount: 12.5, text: 'x'.repeat(120) }

/** Records are spread evenly: with 10,000 partitions a batch holds two of them, and with one more than a thousand. */
export const partitions: Dimension = {
  name: 'partitions',
  sizes: [1, 10, 100, 1000, 10_000],
  async run(size, meter) {
    const kafka = createKafkaClient('memory:')
    const before = memoryInUse()
    await kafka.admin.createTopic('orders', { partitions: size })
    meter.memory('memory of a partition', size, memoryInUse() - before)
    await produce(kafka, size, records, meter, 'produce a record')
    await consume(kafka, meter)
    await kafka.close()
  },
}

async function produce(kafka: KafkaClient, size: number, count: number, meter: Meter, what: string): Promise<void> {
  const producer = kafka.producer('orders')
  meter.start()
  for (let sent = 0; sent < count; sent += unacknowledged) {
    const waiting: Promise<unknown>[] = []
    for (let index = sent; index < sent + unacknowledged; index++)
      waiting.push(producer.send(value, { partition: index % size }))
    await Promise.all(waiting)
  }
  meter.stop(what, count)
}

async function consume(kafka: KafkaClient, meter: Meter): Promise<void> {
  let amount = 0
  for await (const record of kafka.consume('orders', { offset: 'earliest' }).take(records))
    amount += (record.value as { amount: number }).amount
  if (amount !== records * value.amount) throw new Error('other records were consumed')
  meter.stop('consume a record', records)
}
