/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The key of a partition in maps and sets. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

/** An id unknown to one side counts as the same: older servers know only names. */
export function isSameTopic(one: string | null, other: string | null): boolean {
  return one === null || other === null || one === other
}
