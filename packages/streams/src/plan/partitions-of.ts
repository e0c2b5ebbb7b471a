import { TopicNotFoundError, type Transport } from '@kafkado/core'
import { presentTopics } from '@kafkado/core/internal'

/**
 * How many partitions topics have, by their names, without those that are not there.
 *
 * @param areRequired whether they have to be there, and are made where the server does that by itself
 */
export async function partitionsOf(
  transport: Transport,
  topics: readonly string[],
  areRequired: boolean,
): Promise<Map<string, number>> {
  const answers = await presentTopics(transport, topics, { allowAutoTopicCreation: areRequired })
  return new Map(
    answers.flatMap((answer) => {
      if (!('error' in answer)) return [[answer.topic, answer.partitions.length] as const]
      if (TopicNotFoundError.is(answer.error) && !areRequired) return []
      throw answer.error
    }),
  )
}
