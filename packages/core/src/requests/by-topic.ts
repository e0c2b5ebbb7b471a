import { partitionKey, type TopicPartition } from './topic-partition.ts'

/** A partition, and of which topic of that name where that is known: one that is made anew has another id. */
export interface IdentifiedPartition extends TopicPartition {
  readonly topicId?: string | null | undefined
}

/** Partitions by topic, as requests name them. */
export interface OfTopic<Id, A> {
  readonly topic: string
  readonly topicId: Id
  readonly partitions: A[]
}

/** @param ask what a request says of one partition */
export function byTopic<P extends IdentifiedPartition, A>(
  partitions: readonly P[],
  ask: (one: P) => A,
): OfTopic<P['topicId'], A>[] {
  const topics = Map.groupBy(partitions, ({ topic }) => topic)
  return [...topics].map(([topic, own]) => ({ topic, topicId: (own[0] as P).topicId, partitions: own.map(ask) }))
}

/** How a response answers partitions. */
export type AnswersByTopic<A> = readonly { readonly topic: string; readonly partitions: readonly A[] }[]

/** The answers of a response by partition. */
export function answersOf<A extends { readonly partition: number }>(
  topics: AnswersByTopic<A>,
): (partition: TopicPartition) => A | undefined {
  const answers = new Map<string, A>()
  for (const { topic, partitions } of topics)
    for (const answer of partitions) answers.set(partitionKey({ topic, partition: answer.partition }), answer)
  return (partition) => answers.get(partitionKey(partition))
}
