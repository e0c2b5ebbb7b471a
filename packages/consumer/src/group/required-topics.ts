import { InvalidRequestError, type KafkaError, type Transport } from '@kafkado/core'
import { lookUpTopics, type TopicLookUp, type TopicMetadata } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'

/** What the consumer needs to know about a topic before it reads it. */
export type RequiredTopic = Pick<TopicMetadata, 'topic' | 'topicId' | 'partitions'>

/**
 * Finds named topics, with what is to be done about one that does not exist.
 *
 * @throws TopicNotFoundError when it is to be refused
 */
export type FindTopics = (
  transport: Transport,
  names: readonly string[],
  limits: Omit<TopicLookUp, 'allowAutoTopicCreation' | 'unknownTopicPatienceMs'>,
) => Promise<readonly RequiredTopic[]>

/** Makes a missing topic, where the server does that on first use: so a consumer begins. */
export const makingMissing: FindTopics = (transport, names, limits) =>
  lookUpTopics(transport, names, { ...limits, allowAutoTopicCreation: true })

/** Refuses a missing topic. */
export const refusingMissing: FindTopics = (transport, names, limits) =>
  lookUpTopics(transport, names, { ...limits, allowAutoTopicCreation: false })

interface Required {
  readonly transport: Transport
  readonly settings: Pick<ConsumerSettings, 'runtime'>
  readonly subscription: { readonly names: readonly string[]; includes(topic: string): boolean }
  readonly chosen: readonly TopicPartition[] | undefined
  readonly findTopics: FindTopics
  /** Told why the server has not told it yet. */
  readonly onFailed: (reason: KafkaError) => void
}

/**
 * Checks that the named topics exist; a group would wait for them silently. If the server cannot be reached, it waits
 * until the consumer is closed, as it does later on.
 *
 * @returns the existing topics; a topic to wait for has no partitions
 * @throws TopicNotFoundError when a topic does not exist, and is neither made nor waited for; InvalidRequestError when
 *   a chosen partition belongs to a topic that the consumer was not made for
 */
export async function requireTopics(
  { transport, settings, subscription, chosen, findTopics, onFailed }: Required,
  signal: AbortSignal,
): Promise<readonly RequiredTopic[]> {
  const names = chosen ? [...new Set(chosen.map(({ topic }) => topic))] : subscription.names
  const foreign = names.find((name) => !subscription.includes(name))
  if (foreign !== undefined)
    throw new InvalidRequestError(`topic '${foreign}' is assigned, but the consumer was not made for it`)
  const limits = { runtime: settings.runtime, timeoutMs: Number.POSITIVE_INFINITY, signal, onFailed }
  return findTopics(transport, names, limits)
}
