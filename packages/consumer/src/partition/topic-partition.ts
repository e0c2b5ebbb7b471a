import type { TopicPartition } from '@kafkado/core'

export type { TopicPartition } from '@kafkado/core'

/** A partition of one particular topic, as an assignment names it. */
export interface AssignedPartition extends TopicPartition {
  /** The topic's id, which a recreated topic with the same name does not share; null if the server does not tell it. */
  readonly topicId: string | null
}

export interface OffsetToCommit extends TopicPartition {
  /** The offset of the next record to read. */
  readonly offset: number
}

/** A partition without any further fields. */
export function plainPartition({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}

export function describePartition({ topic, partition }: TopicPartition): string {
  return `topic '${topic}' partition ${partition}`
}
