import { createPartitions } from '@kafkado/core'
import { noSuchTopic, succeeded } from '@kafkado/core/internal/answers'
import { refusalOfRequest } from '../topic/topic-bounds.ts'
import { duplicate, handles, namedTwice, refused } from './handler.ts'

export const handleCreatePartitions = handles(createPartitions, async (engine, { topics, validateOnly }) => {
  const changes = engine.begin()
  const twice = namedTwice(topics.map(({ topic }) => topic))
  const added = topics
    .filter(({ topic }) => !twice.has(topic))
    .reduce(
      (sum, { topic, count }) => sum + Math.max(count - (engine.topics.find(topic)?.partitions.length ?? count), 0),
      0,
    )
  const excess = refusalOfRequest(engine.settings, added)
  const results = topics.map(({ topic: name, count }) => {
    if (twice.has(name)) return { topic: name, ...duplicate(`topic '${name}'`) }
    const topic = engine.topics.find(name)
    if (!topic) return { topic: name, ...noSuchTopic(name) }
    const refusal = engine.topics.refusalOfGrowth(topic, count) ?? excess
    if (refusal) return { topic: name, ...refused(refusal) }
    if (!validateOnly) engine.topics.addPartitions(changes, topic, count)
    return { topic: name, ...succeeded }
  })
  await engine.commit(changes)
  return { throttleTimeMs: 0, results }
})
