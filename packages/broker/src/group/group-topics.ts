import type { Topic, TopicRegistry } from '../topic/topic-registry.ts'
import type { StoredMember } from '../storage/metadata-record.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { TopicExpressions } from './topic-expressions.ts'

/** Topics and partitions as groups need them: by the number of their log within, by name towards members. */
export class GroupTopics {
  readonly expressions: TopicExpressions
  readonly #topics: TopicRegistry

  constructor(topics: TopicRegistry) {
    this.#topics = topics
    this.expressions = new TopicExpressions(topics)
  }

  /** The topics that a member wants: those it names, and those that its expression matches. */
  namesOf({ subscribedTopicNames, subscribedTopicRegex }: StoredMember): readonly string[] {
    if (subscribedTopicRegex === null) return subscribedTopicNames
    return [...new Set([...subscribedTopicNames, ...this.expressions.topicNames(subscribedTopicRegex)])]
  }

  subscribed(group: ConsumerGroup): Topic[] {
    const names = new Set([...group.members.values()].flatMap(({ description }) => this.namesOf(description)))
    return [...names].sort().flatMap((name) => this.#topics.find(name) ?? [])
  }

  /** Tells one state of the subscribed topics from another (FNV-1a over their ids and sizes). */
  metadataHash(group: ConsumerGroup): number {
    const text = this.subscribed(group)
      .map(({ topicId, partitions }) => `${topicId}:${partitions.length}`)
      .join()
    let hash = 0x811c9dc5
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    return hash >>> 0
  }

  logIds(topics: readonly { topic: string; partitions: readonly number[] }[]): number[] {
    return topics.flatMap(({ topic, partitions }) =>
      partitions.flatMap((partition) => this.#topics.log(topic, partition)?.logId ?? []),
    )
  }

  topicPartitions(logIds: Iterable<number>): { topic: string; partitions: number[] }[] {
    return this.#topics.topicPartitions(logIds)
  }
}
