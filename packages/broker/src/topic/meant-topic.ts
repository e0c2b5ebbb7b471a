import { type ErrorFields, isMeant, type MeantTopic, wrongId } from '@kafkado/core/internal/answers'
import type { Topic, TopicRegistry } from './topic-registry.ts'

/** The topic that a request means; undefined if it does not exist, or if the topic of that name has another id. */
export function meantTopic(topics: TopicRegistry, meant: MeantTopic): Topic | undefined {
  const found = topics.find(meant.topic)
  return isMeant(meant, found?.topicId) ? found : undefined
}

/** The fault of a request's topic id; undefined if it has none, or the right one. */
export function wrongTopicId(topics: TopicRegistry, meant: MeantTopic): ErrorFields | undefined {
  const nameOfId = (id: string): string | undefined => topics.ofId(id)?.name
  return wrongId(meant, topics.find(meant.topic)?.topicId, nameOfId)
}
