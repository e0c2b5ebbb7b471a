import { memory } from '@kafkado/broker'
import { createKafkaClient } from 'kafkado'
import type { Dimension } from '../dimension.ts'

/** One member joins a group and gets all partitions of a topic, until it has the first record. */
export const joining: Dimension = {
  name: 'joining',
  sizes: [1000, 10_000, 100_000],
  async run(size, meter) {
    // By default a topic has at most 10,000, which is also the most that a request may create.
    const kafka = createKafkaClient(memory({ maxPartitionsPerTopic: size, maxPartitionsPerRequest: size }))
    meter.start()
    await kafka.admin.createTopic('orders', { partitions: size })
    meter.stop('create a partition', size)
    await kafka.produce('orders', { amount: 1 })
    meter.stop('first record, for each partition', size)
    for await (const _ of kafka.consume('orders', { group: 'shop', offset: 'earliest' }).take(1)) continue
    meter.stop('join, for each partition', size)
    await kafka.close()
  },
}
