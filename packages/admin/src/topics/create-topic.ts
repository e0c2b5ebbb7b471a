import { createTopics, type Duration, type Transport } from '@kafkado/core'
import { type ConfigFields, integerField, parseConfig, requireTopicName, toMilliseconds } from '@kafkado/core/internal'
import { partitionsField, retentionField, topicConfigField } from '../admin-arguments.ts'
import { requireSuccess } from '../find-topic.ts'

/** What a topic keeps, and for how long. */
export interface TopicRetention {
  /**
   * How long records are kept at least; −1 for ever. Default 7 days. Raise it when consumers may be away longer, as far
   * as the disk allows. Kafka: retention.ms.
   */
  retentionMs?: Duration | undefined
  /**
   * Any other topic configuration, by Kafka's names, such as `{ 'max.message.bytes': '2000000' }`. Default: the
   * server's.
   */
  config?: Record<string, string> | undefined
}

export interface CreateTopicOptions extends TopicRetention {
  /**
   * The number of partitions. Default: the server's. Raise it when more consumers of a group have to share the topic;
   * it can grow later but never shrink. Kafka: num.partitions.
   */
  partitions?: number | undefined
  /**
   * How many brokers keep a copy. Default: the server's; the embedded engine has one. Raise it to survive the loss of
   * brokers, together with `min.insync.replicas`. Kafka: default.replication.factor.
   */
  replicationFactor?: number | undefined
}

/** @internal also used by {@link alterTopic} */
export const retentionFields: ConfigFields<TopicRetention> = {
  retentionMs: retentionField(),
  config: topicConfigField(),
}

const fields: ConfigFields<CreateTopicOptions> = {
  ...retentionFields,
  partitions: partitionsField(),
  replicationFactor: integerField(1, 2 ** 15 - 1),
}

/**
 * Creates a topic.
 *
 * @throws AlreadyExistsError when it exists; InvalidRequestError when the name, a number or a configuration is not
 *   valid
 */
export async function createTopic(transport: Transport, name: string, options: CreateTopicOptions = {}): Promise<void> {
  requireTopicName(name)
  const { partitions = -1, replicationFactor = -1, ...retention } = parseConfig('createTopic', fields, options)
  const configs = Object.entries(configOf(retention)).map(([key, value]) => ({ name: key, value }))
  const topics = [{ topic: name, numPartitions: partitions, replicationFactor, configs }]
  const response = await transport.send(createTopics, { timeoutMs: 30_000, validateOnly: false, topics })
  requireSuccess(name, response.topics[0])
}

/** The topic configuration for these options. */
export function configOf({ retentionMs, config = {} }: TopicRetention): Record<string, string> {
  if (retentionMs === undefined) return config
  const milliseconds = retentionMs === -1 ? -1 : toMilliseconds(retentionMs, 'retentionMs')
  return { ...config, 'retention.ms': String(milliseconds) }
}
