import type { TopicPartition } from '@kafkado/core'

export type { TopicPartition } from '@kafkado/core'

/** A partition of one particular topic, as an assignment names it. */
export interface AssignedPartition extends TopicPartition {
  /** A topic that is made anew under the same name has another id; null where the server does not tell. */
  readonly topicId: string | null
}

export interface OffsetToCommit extends TopicPartition {
  /** The offset of the next record to read. */
  readonly offset: number
}

/** A partition without what else is known of it. */
export function plainPartition({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}

export function describePartition({ topic, partition }: TopicPartition): string {
  return `topic '${topic}' partition ${partition}`
}
