import type { Transport } from '@kafkado/core'
import { allTopics } from '@kafkado/core/internal'

export interface TopicSummary {
  readonly name: string
  readonly partitions: number
}

/** All topics except internal ones, by name. */
export async function listTopics(transport: Transport): Promise<TopicSummary[]> {
  const topics = await allTopics(transport)
  return topics
    .filter(({ isInternal }) => !isInternal)
    .map(({ topic, partitions }) => ({ name: topic, partitions: partitions.length }))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}
