import type { MeantTopic } from '@kafkado/core/internal/answers'
import { meantTopic, wrongTopicId } from '../topic/meant-topic.ts'
import type { Topic, TopicRegistry } from '../topic/topic-registry.ts'
import type { StoredMember } from '../storage/metadata-record.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { TopicExpressions } from './topic-expressions.ts'

type OwnedTopic = MeantTopic & { readonly partitions: readonly number[] }

/** The topics and partitions of groups: by log number inside the engine, by name for members. */
export class GroupTopics {
  readonly expressions: TopicExpressions
  readonly #topics: TopicRegistry

  constructor(topics: TopicRegistry) {
    this.#topics = topics
    this.expressions = new TopicExpressions(topics)
  }

  /** The topics that a member subscribes to: named ones, and those that match its expression. */
  namesOf({ subscribedTopicNames, subscribedTopicRegex }: StoredMember): readonly string[] {
    if (subscribedTopicRegex === null) return subscribedTopicNames
    return [...new Set([...subscribedTopicNames, ...this.expressions.topicNames(subscribedTopicRegex)])]
  }

  subscribed(group: ConsumerGroup): Topic[] {
    const names = new Set([...group.members.values()].flatMap(({ description }) => this.namesOf(description)))
    return [...names].sort().flatMap((name) => this.#topics.find(name) ?? [])
  }

  /** A hash that changes with the subscribed topics (FNV-1a over their ids and sizes). */
  metadataHash(group: ConsumerGroup): number {
    const text = this.subscribed(group)
      .map(({ topicId, partitions }) => `${topicId}:${partitions.length}`)
      .join()
    let hash = 0x811c9dc5
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    return hash >>> 0
  }

  /**
   * The logs that a member reports as owned. Partitions of a deleted topic have no log number any more. A member that
   * still reports some of them counts as having all those that it was given.
   *
   * @param given the partitions the member was given and has not given back
   */
  ownedLogs(topics: readonly OwnedTopic[], given: Iterable<number>): Set<number> {
    const owned = new Set<number>()
    let hasDeleted = false
    for (const topic of topics) {
      if (wrongTopicId(this.#topics, topic)) hasDeleted = true
      for (const partition of topic.partitions) {
        const logId = this.#logId(topic, partition)
        if (logId !== undefined) owned.add(logId)
      }
    }
    if (hasDeleted) for (const logId of given) if (!this.#topics.logOf(logId)) owned.add(logId)
    return owned
  }

  /** Logs as members know them, without deleted ones. */
  topicPartitions(logIds: Iterable<number>): { topic: string; topicId: string | null; partitions: number[] }[] {
    return this.#topics.topicPartitions(logIds).map(({ topic, partitions }) => ({
      topic,
      topicId: this.#topics.find(topic)?.topicId ?? null,
      partitions,
    }))
  }

  /** The log of a partition; undefined if it does not exist, or belongs to another topic than the request means. */
  #logId(meant: MeantTopic, partition: number): number | undefined {
    return meantTopic(this.#topics, meant)?.partitions[partition]?.logId
  }
}
