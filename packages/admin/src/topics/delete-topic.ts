import { deleteTopics, type Transport } from '@kafkado/core'
import { requireTopicName } from '@kafkado/core/internal'
import { requireSuccess } from '../find-topic.ts'

/**
 * Removes a topic with all its records.
 *
 * @throws TopicNotFoundError
 */
export async function deleteTopic(transport: Transport, name: string): Promise<void> {
  requireTopicName(name)
  const response = await transport.send(deleteTopics, { timeoutMs: 30_000, topics: [name] })
  requireSuccess(name, response.topics[0])
}
