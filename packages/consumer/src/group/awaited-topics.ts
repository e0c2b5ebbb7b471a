import { TopicNotFoundError } from '@kafkado/core'
import { lookUpTopics } from '@kafkado/core/internal'
import type { FindTopics, RequiredTopic } from './required-topics.ts'

/** Leaves a missing topic to be waited for, as a group does: it has no partitions. */
export const awaitingMissing: FindTopics = async (transport, names, given) => {
  const limits = { ...given, allowAutoTopicCreation: false }
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
