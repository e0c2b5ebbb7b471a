import { codeOf, metadata, type Transport } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'

/** How many partitions topics have, by their names, without those that are not there. @param areRequired whether they have to be there, and are made where the server does that by itself */
export async function partitionsOf(
  transport: Transport,
  topics: readonly string[],
  areRequired: boolean,
): Promise<Map<string, number>> {
  if (topics.length === 0) return new Map()
  const answer = await transport.send(metadata, { topics: [...topics], allowAutoTopicCreation: areRequired })
  return new Map(
    answer.topics.flatMap(({ topic, partitions, errorCode, errorMessage }) => {
      if (errorCode === codeOf('UNKNOWN_TOPIC_OR_PARTITION') && !areRequired) return []
      if (errorCode !== 0) throw errorOfCode(errorCode, { topic, detail: errorMessage })
      return [[topic, partitions.length] as const]
    }),
  )
}
