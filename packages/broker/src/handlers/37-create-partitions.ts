import { createPartitions } from '@kafkado/core'
import { failed, noSuchTopic, succeeded } from '@kafkado/core/internal/answers'
import { mostPartitions } from '../topic/topic-registry.ts'
import { duplicate, handles, namedTwice } from './handler.ts'

export const handleCreatePartitions = handles(createPartitions, async (engine, { topics, validateOnly }) => {
  const changes = engine.begin()
  const twice = namedTwice(topics.map(({ topic }) => topic))
  const results = topics.map(({ topic: name, count }) => {
    if (twice.has(name)) return { topic: name, ...duplicate(`topic '${name}'`) }
    const topic = engine.topics.find(name)
    if (!topic) return { topic: name, ...noSuchTopic(name) }
    const present = topic.partitions.length
    if (count <= present)
      return {
        topic: name,
        ...failed(
          'INVALID_PARTITIONS',
          `topic '${name}' has ${present} partitions; it can only get more, not ${count}`,
        ),
      }
    if (count > mostPartitions)
      return {
        topic: name,
        ...failed('INVALID_PARTITIONS', `a topic has 1 to ${mostPartitions} partitions, not ${count}`),
      }
    if (!validateOnly) engine.topics.addPartitions(changes, topic, count)
    return { topic: name, ...succeeded }
  })
  await engine.commit(changes)
  return { throttleTimeMs: 0, results }
})
