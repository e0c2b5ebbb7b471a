import { describeConfigs, type Transport } from '@kafkado/core'
import { requireTopicName } from '@kafkado/core/internal'
import { findTopic, requireSuccess } from '../find-topic.ts'
import { partitionOffsets } from '../partition-offsets.ts'

export interface TopicDescription {
  readonly name: string
  readonly partitions: number
  /** How long records are kept in milliseconds; −1 for ever. */
  readonly retentionMs: number
  /** The whole configuration, by Kafka's names. */
  readonly config: Record<string, string>
  readonly offsets: {
    readonly partition: number
    /** The offset of the first record. */
    readonly earliest: number
    /** The offset that the next record will get. */
    readonly latest: number
    /** The broker that leads the partition. */
    readonly leader: number
  }[]
}

/** @throws TopicNotFoundError */
export async function describeTopic(transport: Transport, name: string): Promise<TopicDescription> {
  requireTopicName(name)
  const { partitions } = await findTopic(transport, name)
  const numbers = partitions.map(({ partition }) => partition)
  const [earliest, latest, described] = await Promise.all([
    partitionOffsets(transport, name, numbers, 'earliest'),
    partitionOffsets(transport, name, numbers, 'latest'),
    transport.send(describeConfigs, {
      resources: [{ resourceType: 'topic', resourceName: name, configurationKeys: null }],
    }),
  ])
  requireSuccess(name, described.results[0])
  const config = Object.fromEntries(
    (described.results[0]?.configs ?? []).map(({ name: key, value }) => [key, value ?? '']),
  )
  const offsets = partitions
    .map(({ partition, leaderId }) => ({
      partition,
      earliest: earliest.get(partition) ?? 0,
      latest: latest.get(partition) ?? 0,
      leader: leaderId,
    }))
    .sort((left, right) => left.partition - right.partition)
  return { name, partitions: partitions.length, retentionMs: Number(config['retention.ms']), config, offsets }
}
