import type { ConsumerGroupHeartbeatRequest } from '@kafkado/core/protocol'
import { errorOfCode } from '@kafkado/core/internal'
import type { MeantTopic } from '@kafkado/core/internal/answers'
import { mostExpressionsOfGroup } from '../refusals/text-bounds.ts'
import { meantTopic, wrongTopicId } from '../topic/meant-topic.ts'
import type { Topic, TopicRegistry } from '../topic/topic-registry.ts'
import type { StoredMember } from '../storage/metadata-record.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { TopicExpressions } from './topic-expressions.ts'

type Subscriber = Pick<ConsumerGroupHeartbeatRequest, 'memberId' | 'subscribedTopicRegex'>
type OwnedTopic = MeantTopic & { readonly partitions: readonly number[] }

/** The topics and partitions of groups: by log number inside the engine, by name for members. */
export class GroupTopics {
  readonly expressions: TopicExpressions
  readonly #topics: TopicRegistry
  readonly #hashes = new WeakMap<ConsumerGroup, { readonly topics: number; members: number; hash: number }>()

  constructor(topics: TopicRegistry) {
    this.#topics = topics
    this.expressions = new TopicExpressions(topics)
  }

  /**
   * Checks the regular expression of a member that is known, or joins.
   *
   * @throws KafkaError INVALID_REGULAR_EXPRESSION, or INVALID_REQUEST when the group has too many
   */
  checkExpression(group: ConsumerGroup | undefined, { memberId, subscribedTopicRegex: source }: Subscriber): void {
    if (!source) return
    const used = new Set<string>()
    for (const [other, { description }] of group?.members ?? []) {
      if (description.subscribedTopicRegex === source) return
      if (other !== memberId && description.subscribedTopicRegex !== null) used.add(description.subscribedTopicRegex)
    }
    if (used.size >= mostExpressionsOfGroup) {
      const detail =
        `the members of group '${group?.groupId}' subscribe by ${used.size} regular expressions; ` +
        `a group has at most ${mostExpressionsOfGroup} different ones`
      throw errorOfCode('INVALID_REQUEST', { detail })
    }
    this.expressions.check(source)
  }

  /** The topics that a member subscribes to: named ones, and those that match its expression. */
  namesOf({ subscribedTopicNames, subscribedTopicRegex }: StoredMember): readonly string[] {
    if (subscribedTopicRegex === null) return subscribedTopicNames
    return [...new Set([...subscribedTopicNames, ...this.expressions.topicNames(subscribedTopicRegex)])]
  }

  /** The topics that its members subscribe to, whether they exist or not. */
  subscribedNames(group: ConsumerGroup): ReadonlySet<string> {
    const names = new Set<string>()
    for (const { description } of group.members.values()) for (const name of this.namesOf(description)) names.add(name)
    return names
  }

  subscribed(group: ConsumerGroup): Topic[] {
    return [...this.subscribedNames(group)].sort().flatMap((name) => this.#topics.find(name) ?? [])
  }

  /**
   * A hash that changes with the subscribed topics (FNV-1a over their ids and sizes). Each heartbeat asks for it, so it
   * is kept until topics or subscriptions change.
   */
  metadataHash(group: ConsumerGroup): number {
    const { version: topics } = this.#topics
    const { subscriptionVersion: members } = group
    const known = this.#hashes.get(group)
    if (known?.topics === topics && known.members === members) return known.hash
    const hash = this.#computeHash(group)
    this.#hashes.set(group, { topics, members, hash })
    return hash
  }

  #computeHash(group: ConsumerGroup): number {
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
    for (const topic of topics) {
      for (const partition of topic.partitions) {
        const logId = this.#logId(topic, partition)
        if (logId !== undefined) owned.add(logId)
      }
    }
    if (this.hasGone(topics)) for (const logId of given) if (!this.#topics.logOf(logId)) owned.add(logId)
    return owned
  }

  /** Whether a member reports a topic that is not there any more. It may be of an earlier stay in the group. */
  hasGone(topics: readonly OwnedTopic[]): boolean {
    return topics.some((topic) => wrongTopicId(this.#topics, topic) !== undefined)
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
