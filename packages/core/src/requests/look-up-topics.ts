import { errorOfCode } from '../errors/error-of-code.ts'
import { KafkaError, TopicNotFoundError, withOutcome } from '../errors/kafka-error.ts'
import { metadata, type MetadataResponse } from '../protocol/03-metadata.ts'
import type { Transport } from '../transport/transport.ts'
import { type AnswerLimits, untilAnswered } from './until-answered.ts'

/** What a server knows of a topic. */
export type TopicMetadata = MetadataResponse['topics'][number]

export interface TopicLookUp extends AnswerLimits {
  /** Whether a topic that is not there is made, where the server permits it. */
  readonly allowAutoTopicCreation: boolean
  /** How long a topic is waited for that the server does not know, in milliseconds. Default 1 s; 0 for who wants to know whether it is there now. */
  readonly unknownTopicPatienceMs?: number | undefined
}

/** A topic that was made a moment ago may not be known everywhere at once. */
const defaultPatienceMs = 1000

/**
 * What the server knows of topics: the one way in which clients wait for it. As long as the server cannot be reached, does not answer, or a topic
 * has no partitions yet, it is asked again, until the caller's time is over; a topic that it does not know is waited for shortly.
 *
 * @param names the topics; null for all that there are
 * @returns the topics in the order of their names, each with its partitions; of all topics just what was answered
 * @throws TopicNotFoundError; TimeoutError when `timeoutMs` is over; UnauthorizedError and what else asking again does not help with. Always with the
 *   outcome `failed`, as a look-up writes nothing. When the signal aborts: its reason
 */
export async function lookUpTopics(
  transport: Transport,
  names: readonly string[] | null,
  { allowAutoTopicCreation, unknownTopicPatienceMs = defaultPatienceMs, ...limits }: TopicLookUp,
): Promise<TopicMetadata[]> {
  if (names?.length === 0) return []
  const { clock } = limits.runtime
  let unknownSinceMs: number | undefined
  const isWorthwhile = (error: KafkaError): boolean => {
    if (!isUnknownTopic(error)) return error.retriable
    unknownSinceMs ??= clock.monotonic()
    return clock.monotonic() - unknownSinceMs < unknownTopicPatienceMs
  }
  const what = names === null ? 'the list of topics' : `topic ${names.map((name) => `'${name}'`).join(', ')}`
  try {
    return await untilAnswered(
      what,
      limits,
      async (attempt) => {
        const request = { topics: names && [...names], allowAutoTopicCreation }
        const { topics } = await transport.send(metadata, request, attempt)
        return names === null ? topics : found(names, topics, allowAutoTopicCreation)
      },
      isWorthwhile,
    )
  } catch (error) {
    if (!KafkaError.is(error) || limits.signal?.aborted) throw error
    // Also when the time is over: that it is not there is what there is to say.
    if (isUnknownTopic(error.cause)) throw error.cause
    throw withOutcome(error, 'failed')
  }
}

/** The topics by their names. @throws the gravest of what is wrong with one of them */
function found(names: readonly string[], topics: readonly TopicMetadata[], mayCreate: boolean): TopicMetadata[] {
  const byName = new Map(topics.map((topic) => [topic.topic, topic]))
  const problems: KafkaError[] = []
  const inOrder = names.map((name) => {
    const topic = byName.get(name)
    const problem = problemWith(name, topic, mayCreate)
    if (problem) problems.push(problem)
    return topic as TopicMetadata
  })
  const isFinal = (error: KafkaError): boolean => !error.retriable && !isUnknownTopic(error)
  const gravest = problems.find(isFinal) ?? problems.find(isUnknownTopic) ?? problems[0]
  if (gravest) throw gravest
  return inOrder
}

function problemWith(name: string, topic: TopicMetadata | undefined, mayCreate: boolean): KafkaError | undefined {
  const error = topic
    ? errorOfCode(topic.errorCode, { topic: name, detail: topic.errorMessage })
    : errorOfCode('UNKNOWN_TOPIC_OR_PARTITION')
  if (isUnknownTopic(error)) {
    const because = mayCreate
      ? ', and the server does not create topics on first use; create it with admin.createTopic()'
      : ''
    return new TopicNotFoundError(`topic '${name}' does not exist${because}`)
  }
  if (topic?.errorCode !== 0) return error
  return topic.partitions.length === 0 ? errorOfCode('LEADER_NOT_AVAILABLE', { topic: name }) : undefined
}

function isUnknownTopic(error: unknown): boolean {
  return TopicNotFoundError.is(error)
}
