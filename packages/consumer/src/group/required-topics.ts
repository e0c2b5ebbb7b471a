import { InvalidRequestError, TopicNotFoundError, type Transport } from '@kafkado/core'
import { lookUpTopics, type TopicLookUp, type TopicMetadata } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'

/**
 * What becomes of a topic that is named and not there: it is made where the server does that, which is how a consumer
 * begins; it is refused; or it is waited for, as a group does.
 */
export type MissingTopic = 'made' | 'refused' | 'waited for'

/** What is to be known of a topic before it is read. */
export type RequiredTopic = Pick<TopicMetadata, 'topic' | 'topicId' | 'partitions'>

interface Required {
  readonly transport: Transport
  readonly settings: Pick<ConsumerSettings, 'runtime'>
  readonly subscription: { readonly names: readonly string[]; includes(topic: string): boolean }
  readonly chosen: readonly TopicPartition[] | undefined
  readonly whenMissing: MissingTopic
}

/**
 * Finds out whether the topics that are named exist, as a group would wait for them without a word. A server that
 * cannot be reached is waited for until the consumer is closed, as it is later on.
 *
 * @returns those that are there, and without partitions those that are waited for
 * @throws TopicNotFoundError when a topic does not exist, is not created and not waited for; InvalidRequestError when a
 *   partition was chosen of a topic that the consumer was not made for
 */
export async function requireTopics(
  { transport, settings, subscription, chosen, whenMissing }: Required,
  signal: AbortSignal,
): Promise<readonly RequiredTopic[]> {
  const names = chosen ? [...new Set(chosen.map(({ topic }) => topic))] : subscription.names
  const foreign = names.find((name) => !subscription.includes(name))
  if (foreign !== undefined)
    throw new InvalidRequestError(`topic '${foreign}' is assigned, but the consumer was not made for it`)
  const limits = { runtime: settings.runtime, timeoutMs: Number.POSITIVE_INFINITY, signal }
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
  // One that was made a moment ago is known shortly after.
  const one = (topic: string): Promise<readonly RequiredTopic[]> =>
    lookUpTopics(transport, [topic], limits).catch((error: unknown) =>
      unless(error, [{ topic, topicId: null, partitions: [] }]),
    )
  return found ?? (await Promise.all(names.map(one))).flat()
}
