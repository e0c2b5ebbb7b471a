import { createKafkaClient } from 'kafkado'
import type { ExamplePlace } from '../../../packages/streams/test/examples/api-examples.ts'

/**
 * A client of the cluster, which takes every topic with it that was made meanwhile: the next one finds the cluster as
 * this one did.
 */
export function kafkaPlace(bootstrapServers: () => string): ExamplePlace {
  return async () => {
    const kafka = createKafkaClient(`kafka://${bootstrapServers()}`)
    const before = new Set((await kafka.admin.listTopics()).map(({ name }) => name))
    const close = async (): Promise<void> => {
      const made = (await kafka.admin.listTopics()).filter(({ name }) => !before.has(name))
      await Promise.all(made.map(({ name }) => kafka.admin.deleteTopic(name)))
      await kafka.close()
    }
    return { kafka, close }
  }
}
