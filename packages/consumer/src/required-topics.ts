import { errorCodeOf, InvalidRequestError, metadata, TopicNotFoundError, type Transport } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import type { TopicPartition } from './consumer-config.ts'

interface Required {
  readonly transport: Transport
  readonly subscription: { readonly names: readonly string[]; includes(topic: string): boolean }
  readonly chosen: readonly TopicPartition[] | undefined
}

/**
 * Finds out whether the topics that are named exist, as a group would wait for them without a word.
 *
 * @throws TopicNotFoundError when a topic does not exist and the server does not create it; InvalidRequestError when a partition was chosen of
 *   a topic that the consumer was not made for
 */
export async function requireTopics({ transport, subscription, chosen }: Required, signal: AbortSignal): Promise<void> {
  const names = chosen ? [...new Set(chosen.map(({ topic }) => topic))] : [...subscription.names]
  const foreign = names.find((name) => !subscription.includes(name))
  if (foreign !== undefined)
    throw new InvalidRequestError(`topic '${foreign}' is assigned, but the consumer was not made for it`)
  if (names.length === 0) return
  const { topics } = await transport.send(metadata, { topics: names, allowAutoTopicCreation: true }, { signal })
  for (const { topic, errorCode, errorMessage } of topics) {
    const { name } = errorCodeOf(errorCode)
    if (name === 'NONE' || name === 'LEADER_NOT_AVAILABLE') continue
    if (name !== 'UNKNOWN_TOPIC_OR_PARTITION') throw errorOfCode(errorCode, { topic, detail: errorMessage })
    throw new TopicNotFoundError(
      `topic '${topic}' does not exist, and the server does not create topics on first use; create it with admin.createTopic()`,
    )
  }
}
