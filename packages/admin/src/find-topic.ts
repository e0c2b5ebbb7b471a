import { codeOf, metadata, TopicNotFoundError, type Transport } from '@kafkado/core'
import type { MetadataResponse } from '@kafkado/core/protocol'
import { errorOfAttempts, errorOfCode } from '@kafkado/core/internal'

export type TopicMetadata = MetadataResponse['topics'][number]

/** @throws TopicNotFoundError when there is no topic of that name */
export async function findTopic(transport: Transport, name: string): Promise<TopicMetadata> {
  const response = await transport.send(metadata, { topics: [name], allowAutoTopicCreation: false })
  const topic = response.topics[0]
  if (topic?.errorCode === 0) return topic
  throw topicError(topic?.errorCode ?? codeOf('UNKNOWN_TOPIC_OR_PARTITION'), name, topic?.errorMessage)
}

/** The error of a topic's answer; a topic that is missing is a definite answer when nobody is waiting for it to appear. */
function topicError(errorCode: number, name: string, detail: string | null | undefined): Error {
  if (errorCode === codeOf('UNKNOWN_TOPIC_OR_PARTITION'))
    return new TopicNotFoundError(`topic '${name}' does not exist`)
  return errorOfCode(errorCode, { topic: name, detail })
}

/** @throws the error of a response's element, where it has one */
export function requireSuccess(
  name: string,
  answer: { errorCode: number; errorMessage?: string | null | undefined } | undefined,
): void {
  if (answer?.errorCode !== 0)
    throw topicError(answer?.errorCode ?? codeOf('UNKNOWN_SERVER_ERROR'), name, answer?.errorMessage)
}

/** How it went for one partition. */
interface PartitionAnswer {
  readonly partition: number
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
}

/** @throws the first error among the answers, with the outcome `unknown` where other partitions were changed */
export function requireEachSucceeded(topic: string, answers: readonly PartitionAnswer[]): void {
  const refused = answers.find(({ errorCode }) => errorCode !== 0)
  if (!refused) return
  const { errorCode, errorMessage, partition } = refused
  const isPartlyDone = answers.some((answer) => answer.errorCode === 0)
  throw errorOfAttempts(errorOfCode(errorCode, { topic, partition, detail: errorMessage }), isPartlyDone)
}
