import { TopicNotFoundError, type Transport } from '@kafkado/core'
import { presentTopics } from '@kafkado/core/internal'

/** The numbers of partitions of topics by name, without missing topics. */
export async function partitionsOf(transport: Transport, topics: readonly string[]): Promise<Map<string, number>> {
  const answers = await presentTopics(transport, topics)
  return new Map(
    answers.flatMap((answer) => {
      if (!('error' in answer)) return [[answer.topic, answer.partitions.length] as const]
      if (TopicNotFoundError.is(answer.error)) return []
      // oxlint-disable-next-line only-throw-error -- a KafkaError, which the rule cannot see
      throw answer.error
    }),
  )
}
