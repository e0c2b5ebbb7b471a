import type { Topic, TopicRegistry } from '../topic/topic-registry.ts'
import type { ConsumerGroup } from './consumer-group.ts'

/** Topics and partitions as groups need them: by the number of their log within, by name towards members. */
export class GroupTopics {
  readonly #topics: TopicRegistry

  constructor(topics: TopicRegistry) {
    this.#topics = topics
  }

  subscribed(group: ConsumerGroup): Topic[] {
    const names = new Set([...group.members.values()].flatMap(({ description }) => description.subscribedTopicNames))
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

  logId(topic: string, partition: number): number | undefined {
    return this.#topics.log(topic, partition)?.logId
  }
}
