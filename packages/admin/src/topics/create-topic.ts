import { createTopics, type Duration, type Transport } from '@kafkado/core'
import { type ConfigFields, integerField, parseConfig, requireTopicName, toMilliseconds } from '@kafkado/core/internal'
import { partitionsField, retentionField, topicConfigField } from '../admin-arguments.ts'
import { requireSuccess } from '../find-topic.ts'

/** What a topic keeps, and for how long. */
export interface TopicRetention {
  /** How long records are kept at least; −1 for ever. Default 7 days. Kafka: retention.ms. */
  retentionMs?: Duration | undefined
  /** Any other topic configuration, by Kafka's names, such as `{ 'max.message.bytes': '2000000' }`. */
  config?: Record<string, string> | undefined
}

export interface CreateTopicOptions extends TopicRetention {
  /** Default the server's. Kafka: num.partitions. */
  partitions?: number | undefined
  /** How many brokers keep a copy. Default the server's; the embedded engine has one. */
  replicationFactor?: number | undefined
}

/** @internal also what {@link alterTopic} takes of it */
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
 * Makes a topic.
 *
 * @throws AlreadyExistsError when there is one; InvalidRequestError when the name, a number or a configuration is not
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

/** The configuration that options stand for. */
export function configOf({ retentionMs, config = {} }: TopicRetention): Record<string, string> {
  if (retentionMs === undefined) return config
  const milliseconds = retentionMs === -1 ? -1 : toMilliseconds(retentionMs, 'retentionMs')
  return { ...config, 'retention.ms': String(milliseconds) }
}
