import type { createPartitions } from '@kafkado/core'
import { StorageChanges } from '../storage/storage.ts'
import { failed, type Handler, succeeded } from './handler.ts'

export const handleCreatePartitions: Handler<typeof createPartitions> = async (engine, { topics, validateOnly }) => {
  const changes = new StorageChanges()
  const results = topics.map(({ topic: name, count }) => {
    const topic = engine.topics.find(name)
    if (!topic) return { topic: name, ...failed('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic '${name}'`) }
    const present = topic.partitions.length
    if (count <= present)
      return {
        topic: name,
        ...failed(
          'INVALID_PARTITIONS',
          `topic '${name}' has ${present} partitions; it can only get more, not ${count}`,
        ),
      }
    if (!validateOnly) engine.topics.addPartitions(changes, topic, count)
    return { topic: name, ...succeeded }
  })
  await engine.commit(changes)
  return { throttleTimeMs: 0, results }
}
