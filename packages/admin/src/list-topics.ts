import { metadata, type Transport } from '@kafkado/core'

export interface TopicSummary {
  readonly name: string
  readonly partitions: number
}

/** All topics but internal ones, by name. */
export async function listTopics(transport: Transport): Promise<TopicSummary[]> {
  const { topics } = await transport.send(metadata, { topics: null, allowAutoTopicCreation: false })
  return topics
    .filter(({ errorCode, isInternal }) => errorCode === 0 && !isInternal)
    .map(({ topic, partitions }) => ({ name: topic, partitions: partitions.length }))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}
