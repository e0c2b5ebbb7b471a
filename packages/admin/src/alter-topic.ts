import { createPartitions, incrementalAlterConfigs, type Transport } from '@kafkado/core'
import { configOf, type TopicRetention } from './create-topic.ts'
import { requireSuccess } from './find-topic.ts'

export interface AlterTopicOptions extends TopicRetention {
  /** The number of partitions to go up to. Keys then may go to other partitions than before. */
  partitions?: number | undefined
}

/**
 * Changes a topic's configuration, its number of partitions, or both; what is not named stays.
 *
 * @throws TopicNotFoundError; InvalidRequestError when a value is not valid or the number of partitions would not grow
 */
export async function alterTopic(transport: Transport, name: string, options: AlterTopicOptions): Promise<void> {
  const configs = Object.entries(configOf(options)).map(([key, value]) => ({
    name: key,
    configOperation: 'set' as const,
    value,
  }))
  if (configs.length > 0) {
    const resources = [{ resourceType: 'topic' as const, resourceName: name, configs }]
    const response = await transport.send(incrementalAlterConfigs, { validateOnly: false, resources })
    requireSuccess(name, response.responses[0])
  }
  if (options.partitions === undefined) return
  const topics = [{ topic: name, count: options.partitions }]
  const response = await transport.send(createPartitions, { timeoutMs: 30_000, validateOnly: false, topics })
  requireSuccess(name, response.results[0])
}
