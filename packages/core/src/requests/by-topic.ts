import type { TopicPartition } from './topic-partition.ts'

/** A partition, with the id of its topic if known: a recreated topic has another id. */
export interface IdentifiedPartition extends TopicPartition {
  readonly topicId?: string | null | undefined
}

/** Partitions by topic, in the form of requests. */
export interface OfTopic<Id, A> {
  readonly topic: string
  readonly topicId: Id
  readonly partitions: A[]
}

/** @param ask makes the request's entry for one partition */
export function byTopic<P extends IdentifiedPartition, A>(
  partitions: readonly P[],
  ask: (one: P) => A,
): OfTopic<P['topicId'], A>[] {
  const topics = Map.groupBy(partitions, ({ topic }) => topic)
  return [...topics].map(([topic, own]) => ({ topic, topicId: (own[0] as P).topicId, partitions: own.map(ask) }))
}

/** The answers for partitions in the form of a response. */
export type AnswersByTopic<A> = readonly { readonly topic: string; readonly partitions: readonly A[] }[]

/** The answers of a response, by partition. */
export function answersOf<A extends { readonly partition: number }>(
  topics: AnswersByTopic<A>,
): (partition: TopicPartition) => A | undefined {
  const answers = new Map<string, Map<number, A>>()
  for (const { topic, partitions } of topics) {
    const ofTopic = answers.get(topic) ?? new Map<number, A>()
    answers.set(topic, ofTopic)
    for (const answer of partitions) ofTopic.set(answer.partition, answer)
  }
  return ({ topic, partition }) => answers.get(topic)?.get(partition)
}
