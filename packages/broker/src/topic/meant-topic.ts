import { Refusal } from '../refusals/refusal.ts'
import type { Topic, TopicRegistry } from './topic-registry.ts'

/** A topic as requests name it: by its name, and where they say so with the id that it has to have. */
export interface MeantTopic {
  readonly topic: string
  readonly topicId?: string | null | undefined
}

/** The topic that a request means; undefined when there is none, or when the one of that name has another id. */
export function meantTopic(topics: TopicRegistry, meant: MeantTopic): Topic | undefined {
  const found = topics.find(meant.topic)
  return isMeant(found, meant) ? found : undefined
}

/** What is wrong with the id that a request says; undefined when it says none, or that of the topic. */
export function wrongId(topics: TopicRegistry, meant: MeantTopic): Refusal | undefined {
  const { topic, topicId } = meant
  const found = topics.find(topic)
  if (isMeant(found, meant)) return undefined
  // Which one is told to nobody: who asks may have no right to know that topic.
  if (topics.all().some((one) => one.topicId === topicId))
    return new Refusal('INCONSISTENT_TOPIC_ID', `the id ${topicId} is that of another topic than '${topic}'`)
  const now = found ? `the topic of that name now has the id ${found.topicId}` : 'there is none of that name now'
  return new Refusal('UNKNOWN_TOPIC_ID', `there is no topic '${topic}' with the id ${topicId}; ${now}`)
}

/** Without an id whatever has the name is meant. */
function isMeant(found: Topic | undefined, { topicId }: MeantTopic): boolean {
  return topicId === undefined || topicId === null || found?.topicId === topicId
}
