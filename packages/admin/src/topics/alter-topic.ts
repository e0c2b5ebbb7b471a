import { createPartitions, incrementalAlterConfigs, type Transport } from '@kafkado/core'
import { type ConfigFields, errorOfAttempts, parseConfig, requireTopicName } from '@kafkado/core/internal'
import { partitionsField } from '../admin-arguments.ts'
import { configOf, retentionFields, type TopicRetention } from './create-topic.ts'
import { requireSuccess } from '../find-topic.ts'

export interface AlterTopicOptions extends TopicRetention {
  /**
   * The new number of partitions, which can only grow. Default: unchanged. Raise it when more consumers have to share
   * the topic. Keys may then go to other partitions than before.
   */
  partitions?: number | undefined
}

const fields: ConfigFields<AlterTopicOptions> = { ...retentionFields, partitions: partitionsField() }

/**
 * Changes a topic's configuration, its number of partitions, or both; everything else stays. If the number of
 * partitions is refused, the configuration stays unchanged too.
 *
 * @throws TopicNotFoundError; InvalidRequestError when a value is not valid or the number of partitions would not grow
 */
export async function alterTopic(transport: Transport, name: string, options: AlterTopicOptions): Promise<void> {
  requireTopicName(name)
  const { partitions, ...retention } = parseConfig('alterTopic', fields, options)
  const configs = Object.entries(configOf(retention))
  if (configs.length === 0) {
    if (partitions !== undefined) await growTo(transport, name, partitions, false)
    return
  }
  if (partitions !== undefined) await growTo(transport, name, partitions, true)
  await configure(transport, name, configs)
  if (partitions === undefined) return
  try {
    await growTo(transport, name, partitions, false)
  } catch (error) {
    // The configuration has changed by now.
    throw errorOfAttempts(error, true)
  }
}

async function configure(transport: Transport, name: string, settings: readonly [string, string][]): Promise<void> {
  const configs = settings.map(([key, value]) => ({ name: key, configOperation: 'set' as const, value }))
  const resources = [{ resourceType: 'topic' as const, resourceName: name, configs }]
  const response = await transport.send(incrementalAlterConfigs, { validateOnly: false, resources })
  requireSuccess(name, response.responses[0])
}

async function growTo(transport: Transport, name: string, count: number, validateOnly: boolean): Promise<void> {
  const request = { timeoutMs: 30_000, validateOnly, topics: [{ topic: name, count }] }
  const response = await transport.send(createPartitions, request)
  requireSuccess(name, response.results[0])
}
