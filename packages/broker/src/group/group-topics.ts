import type { MeantTopic } from '@kafkado/core/internal/answers'
import { meantTopic, wrongTopicId } from '../topic/meant-topic.ts'
import type { Topic, TopicRegistry } from '../topic/topic-registry.ts'
import type { StoredMember } from '../storage/metadata-record.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { TopicExpressions } from './topic-expressions.ts'

type OwnedTopic = MeantTopic & { readonly partitions: readonly number[] }

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

  /**
   * What a member says it owns. Partitions of a topic that was deleted have no number any more by which to find them; a
   * member that still has some, whose ids it says, counts as having all of them that it was given.
   *
   * @param given what the member was given and has not given back
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

  /** Logs as members know them, without those deleted. */
  topicPartitions(logIds: Iterable<number>): { topic: string; topicId: string | null; partitions: number[] }[] {
    return this.#topics.topicPartitions(logIds).map(({ topic, partitions }) => ({
      topic,
      topicId: this.#topics.find(topic)?.topicId ?? null,
      partitions,
    }))
  }

  /** The log of a partition; undefined when it does not exist, or is that of another topic than is meant. */
  #logId(meant: MeantTopic, partition: number): number | undefined {
    return meantTopic(this.#topics, meant)?.partitions[partition]?.logId
  }
}
