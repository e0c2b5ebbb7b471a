import { InvalidRequestError, type Transport } from '@kafkado/core'
import { lookUpTopics, type TopicMetadata } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../consumer-config.ts'
import type { TopicPartition } from '../topic-partition.ts'

interface Required {
  readonly transport: Transport
  readonly settings: Pick<ConsumerSettings, 'runtime'>
  readonly subscription: { readonly names: readonly string[]; includes(topic: string): boolean }
  readonly chosen: readonly TopicPartition[] | undefined
}

/**
 * Finds out whether the topics that are named exist, as a group would wait for them without a word. A server that
 * cannot be reached is waited for until the consumer is closed, as it is later on.
 *
 * @throws TopicNotFoundError when a topic does not exist and the server does not create it; InvalidRequestError when a
 *   partition was chosen of a topic that the consumer was not made for
 */
export async function requireTopics(
  { transport, settings, subscription, chosen }: Required,
  signal: AbortSignal,
): Promise<readonly TopicMetadata[]> {
  const names = chosen ? [...new Set(chosen.map(({ topic }) => topic))] : subscription.names
  const foreign = names.find((name) => !subscription.includes(name))
  if (foreign !== undefined)
    throw new InvalidRequestError(`topic '${foreign}' is assigned, but the consumer was not made for it`)
  const limits = { runtime: settings.runtime, timeoutMs: Number.POSITIVE_INFINITY, signal }
  return lookUpTopics(transport, names, { ...limits, allowAutoTopicCreation: true })
}
