import { deleteTopics } from '@kafkado/core'
import { noSuchTopic, succeeded } from '@kafkado/core/internal/answers'
import { duplicate, handles, namedTwice } from './handler.ts'

export const handleDeleteTopics = handles(deleteTopics, async (engine, { topics }) => {
  const changes = engine.beginEnding()
  const twice = namedTwice(topics)
  const answers = topics.map((name) => {
    if (twice.has(name)) return { topic: name, topicId: null, ...duplicate(`topic '${name}'`) }
    const topic = engine.topics.find(name)
    if (!topic) return { topic: name, topicId: null, ...noSuchTopic(name) }
    engine.topics.delete(changes, topic)
    engine.groups.offsets.forgetTopic(changes, name)
    const removals = topic.partitions.map(({ logId }) => [logId, null] as const)
    changes.afterCommit.push(() => void engine.removals.removeAndReclaim(removals))
    return { topic: name, topicId: topic.topicId, ...succeeded }
  })
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics: answers }
})
