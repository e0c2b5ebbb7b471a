import { type AssignedPartition, partitionKey, type TopicPartition } from '../topic-partition.ts'

/** Partitions by topic, as requests name them, with the id of the topic where it is known. */
export interface OfTopic<P> {
  readonly topic: string
  readonly topicId: string | null
  readonly own: P[]
}

export function byTopic<P extends AssignedPartition>(partitions: readonly P[]): OfTopic<P>[] {
  const topics = new Map<string, OfTopic<P>>()
  for (const partition of partitions) {
    const { topic, topicId } = partition
    const known = topics.get(topic)
    if (known) known.own.push(partition)
    else topics.set(topic, { topic, topicId, own: [partition] })
  }
  return [...topics.values()]
}

/** The answers of a response by partition. */
export function answersOf<A extends { readonly partition: number }>(
  topics: readonly { readonly topic: string; readonly partitions: readonly A[] }[],
): (partition: TopicPartition) => A | undefined {
  const answers = new Map<string, A>()
  for (const { topic, partitions } of topics)
    for (const answer of partitions) answers.set(partitionKey({ topic, partition: answer.partition }), answer)
  return (partition) => answers.get(partitionKey(partition))
}
