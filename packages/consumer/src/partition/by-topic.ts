import { type AssignedPartition, partitionKey, type TopicPartition } from '../topic-partition.ts'

/** Partitions by topic, as requests name them, with the id of the topic where it is known. */
export interface OfTopic<A> {
  readonly topic: string
  readonly topicId: string | null
  readonly partitions: A[]
}

/** @param ask what a request says of one partition */
export function byTopic<P extends AssignedPartition, A>(partitions: readonly P[], ask: (one: P) => A): OfTopic<A>[] {
  const topics = new Map<string, OfTopic<A>>()
  for (const one of partitions) {
    const { topic, topicId } = one
    const known = topics.get(topic)
    if (known) known.partitions.push(ask(one))
    else topics.set(topic, { topic, topicId, partitions: [ask(one)] })
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
