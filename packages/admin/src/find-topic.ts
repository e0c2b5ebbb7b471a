import { codeOf, type KafkaError, type Transport } from '@kafkado/core'
import {
  type AnswerOr,
  errorOfAttempts,
  presentTopics,
  refusalOfTopic,
  type TopicMetadata,
} from '@kafkado/core/internal'

/** @throws TopicNotFoundError when no topic has this name */
export async function findTopic(transport: Transport, name: string): Promise<TopicMetadata> {
  const topic = (await presentTopics(transport, [name]))[0] as AnswerOr<TopicMetadata>
  if ('error' in topic) throw topic.error
  return topic
}

/** @throws the error of a response's element, if it has one */
export function requireSuccess(
  name: string,
  answer: { errorCode: number; errorMessage?: string | null | undefined } | undefined,
): void {
  const error = refusalOfTopic(name, answer ?? { errorCode: codeOf('UNKNOWN_SERVER_ERROR') })
  if (error) throw error
}

/** @throws the first of the refusals, with the outcome `unknown` if other partitions were changed */
export function requireEachSucceeded(refusals: readonly (KafkaError | undefined)[]): void {
  const refusal = refusals.find((one) => one !== undefined)
  if (refusal) throw errorOfAttempts(refusal, refusals.includes(undefined))
}
