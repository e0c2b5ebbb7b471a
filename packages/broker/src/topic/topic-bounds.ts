import { Refusal } from '../refusals/refusal.ts'
import type { EngineSettings } from '../settings/engine-options.ts'

export type TopicBounds = Pick<
  EngineSettings,
  'maxPartitionsPerTopic' | 'maxPartitionsPerRequest' | 'maxPartitionsInAll' | 'maxTopics'
>

/** What the engine has now. */
export interface TopicCounts {
  readonly topics: number
  readonly partitions: number
}

/** Why a topic cannot have that many partitions; undefined if it can. */
export function refusalOfCount({ maxPartitionsPerTopic }: TopicBounds, count: number): Refusal | undefined {
  if (count >= 1 && count <= maxPartitionsPerTopic) return undefined
  const message = `a topic has 1 to ${maxPartitionsPerTopic} partitions (maxPartitionsPerTopic), not ${count}`
  return new Refusal('INVALID_PARTITIONS', message)
}

/** Why the engine cannot have that many topics and partitions more; undefined if it can. */
export function refusalOfMore(bounds: TopicBounds, present: TopicCounts, more: TopicCounts): Refusal | undefined {
  if (present.topics + more.topics > bounds.maxTopics) {
    const message = `there are ${present.topics} topics, and the engine keeps at most ${bounds.maxTopics} (maxTopics)`
    return new Refusal('POLICY_VIOLATION', message)
  }
  if (present.partitions + more.partitions > bounds.maxPartitionsInAll) {
    const message =
      `there are ${present.partitions} partitions, and with ${more.partitions} more there would be more than ` +
      `${bounds.maxPartitionsInAll} in all topics (maxPartitionsInAll)`
    return new Refusal('POLICY_VIOLATION', message)
  }
  return undefined
}

/** Why one request cannot make that many partitions; undefined if it can. As in Kafka, all its topics are refused. */
export function refusalOfRequest({ maxPartitionsPerRequest }: TopicBounds, added: number): Refusal | undefined {
  if (added <= maxPartitionsPerRequest) return undefined
  const message =
    `the request makes ${added} partitions; at most ${maxPartitionsPerRequest} can be made by one ` +
    '(maxPartitionsPerRequest): divide it'
  return new Refusal('POLICY_VIOLATION', message)
}
