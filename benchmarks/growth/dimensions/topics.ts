import { memory } from '@kafkado/broker'
import { metadata } from '@kafkado/core'
import { createKafkaClient } from 'kafkado'
import type { Dimension } from '../dimension.ts'

const names = 1000
const rounds = 5

/** Topics are created one by one, and metadata is asked for where so many are. */
export const topics: Dimension = {
  name: 'topics',
  sizes: [1, 10, 100, 1000, 10_000],
  async run(size, meter) {
    const transport = memory()
    const kafka = createKafkaClient(transport)
    meter.start()
    for (let index = 0; index < size; index++) await kafka.admin.createTopic(`orders-${index}`, { partitions: 1 })
    meter.stop('create a topic', size)
    const unknown = Array.from({ length: names }, (_, index) => `unknown.${index}`)
    for (let round = 0; round < rounds; round++)
      await transport.send(metadata, { topics: unknown, allowAutoTopicCreation: false })
    meter.stop('metadata of an unknown name', names * rounds)
    for (let round = 0; round < rounds; round++)
      await transport.send(metadata, { topics: null, allowAutoTopicCreation: false })
    meter.stop('metadata of all, for each topic', size * rounds)
    await kafka.close()
  },
}
