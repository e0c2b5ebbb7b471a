/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** What maps and sets know a partition by. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

/** An id that one side does not know is taken for the same, as servers of before knew names alone. */
export function isSameTopic(one: string | null, other: string | null): boolean {
  return one === null || other === null || one === other
}
