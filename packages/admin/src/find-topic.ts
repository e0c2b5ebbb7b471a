import { errorCodeOf, systemRuntime, TopicNotFoundError, type Transport } from '@kafkado/core'
import { errorOfAttempts, errorOfCode, lookUpTopics, type TopicMetadata } from '@kafkado/core/internal'

/** How long a server that cannot be reached is waited for. What is asked is how things are now, so a topic that is missing is not. */
const lookUp = {
  runtime: systemRuntime,
  timeoutMs: 30_000,
  allowAutoTopicCreation: false,
  unknownTopicPatienceMs: 0,
}

/** @throws TopicNotFoundError when there is no topic of that name */
export async function findTopic(transport: Transport, name: string): Promise<TopicMetadata> {
  const [topic] = await lookUpTopics(transport, [name], lookUp)
  return topic as TopicMetadata
}

/** All topics that there are. */
export function findTopics(transport: Transport): Promise<TopicMetadata[]> {
  return lookUpTopics(transport, null, lookUp)
}

/** @throws the error of a response's element, where it has one */
export function requireSuccess(
  name: string,
  answer: { errorCode: number; errorMessage?: string | null | undefined } | undefined,
): void {
  const errorCode = answer?.errorCode ?? -1
  if (errorCode === 0) return
  // A topic that is missing is a definite answer when nobody is waiting for it to appear.
  if (errorCodeOf(errorCode).name === 'UNKNOWN_TOPIC_OR_PARTITION')
    throw new TopicNotFoundError(`topic '${name}' does not exist`)
  throw errorOfCode(errorCode, { topic: name, detail: answer?.errorMessage })
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
