import { InvalidRequestError, type KafkaError, TopicNotFoundError, type Transport } from '@kafkado/core'
import { lookUpTopics, type TopicLookUp, type TopicMetadata } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'

/**
 * What to do about a named topic that does not exist. Make it, where the server does that on first use: so a consumer
 * begins. Refuse it. Or wait for it, as a group does.
 */
export type MissingTopic = 'made' | 'refused' | 'waited for'

/** What the consumer needs to know about a topic before it reads it. */
export type RequiredTopic = Pick<TopicMetadata, 'topic' | 'topicId' | 'partitions'>

interface Required {
  readonly transport: Transport
  readonly settings: Pick<ConsumerSettings, 'runtime'>
  readonly subscription: { readonly names: readonly string[]; includes(topic: string): boolean }
  readonly chosen: readonly TopicPartition[] | undefined
  readonly whenMissing: MissingTopic
  /** Told why the server has not told it yet. */
  readonly onFailed: (reason: KafkaError) => void
}

/**
 * Checks that the named topics exist; a group would wait for them silently. If the server cannot be reached, it waits
 * until the consumer is closed, as it does later on.
 *
 * @returns the existing topics; a topic to wait for has no partitions
 * @throws TopicNotFoundError when a topic does not exist, is not created and not waited for; InvalidRequestError when a
 *   chosen partition belongs to a topic that the consumer was not made for
 */
export async function requireTopics(
  { transport, settings, subscription, chosen, whenMissing, onFailed }: Required,
  signal: AbortSignal,
): Promise<readonly RequiredTopic[]> {
  const names = chosen ? [...new Set(chosen.map(({ topic }) => topic))] : subscription.names
  const foreign = names.find((name) => !subscription.includes(name))
  if (foreign !== undefined)
    throw new InvalidRequestError(`topic '${foreign}' is assigned, but the consumer was not made for it`)
  const limits = { runtime: settings.runtime, timeoutMs: Number.POSITIVE_INFINITY, signal, onFailed }
  const allowAutoTopicCreation = whenMissing === 'made'
  if (whenMissing === 'waited for') return thereOrNot(transport, names, { ...limits, allowAutoTopicCreation })
  return lookUpTopics(transport, names, { ...limits, allowAutoTopicCreation })
}

async function thereOrNot(
  transport: Transport,
  names: readonly string[],
  limits: TopicLookUp,
): Promise<readonly RequiredTopic[]> {
  const unless = <T>(error: unknown, otherwise: T): T => {
    if (TopicNotFoundError.is(error)) return otherwise
    throw error
  }
  const found = await lookUpTopics(transport, names, { ...limits, unknownTopicPatienceMs: 0 }).catch((error: unknown) =>
    unless(error, undefined),
  )
  // A new topic becomes known to all brokers shortly.
  const one = (topic: string): Promise<readonly RequiredTopic[]> =>
    lookUpTopics(transport, [topic], limits).catch((error: unknown) =>
      unless(error, [{ topic, topicId: null, partitions: [] }]),
    )
  return found ?? (await Promise.all(names.map(one))).flat()
}
