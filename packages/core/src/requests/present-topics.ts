import { type KafkaError, TopicNotFoundError } from '../errors/kafka-error.ts'
import { metadata, type MetadataResponse } from '../protocol/03-metadata.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { type AnswerOr, refusalOf } from './partition-refusal.ts'

/** The server's metadata of a topic. */
export type TopicMetadata = MetadataResponse['topics'][number]

/** Options for a single look-up, without waiting. */
export interface PresentTopicsOptions extends SendOptions {
  /** Whether to create a missing topic, if the server permits it. Default false. */
  readonly allowAutoTopicCreation?: boolean | undefined
}

/**
 * The server's metadata of topics now, in the order of their names. It asks once, for callers who accept "it does not
 * exist" as an answer; use `lookUpTopics` to wait for a topic.
 *
 * @throws KafkaError when the whole request fails
 */
export async function presentTopics(
  transport: Transport,
  names: readonly string[],
  { allowAutoTopicCreation = false, ...options }: PresentTopicsOptions = {},
): Promise<AnswerOr<TopicMetadata>[]> {
  if (names.length === 0) return []
  const { topics } = await transport.send(metadata, { topics: [...new Set(names)], allowAutoTopicCreation }, options)
  const byName = new Map(topics.map((topic) => [topic.topic, topic]))
  return names.map((name) => {
    const topic = byName.get(name)
    const error = refusalOfTopic(name, topic)
    return error ? { error } : (topic as TopicMetadata)
  })
}

/** All present topics, including internal ones, except those with an error. */
export async function allTopics(transport: Transport, options?: SendOptions): Promise<TopicMetadata[]> {
  const { topics } = await transport.send(metadata, { topics: null, allowAutoTopicCreation: false }, options)
  return topics.filter(({ errorCode }) => errorCode === 0)
}

/** The error of a topic requested by name; undefined if there is none. A topic without an answer does not exist. */
export function refusalOfTopic(
  name: string,
  answer: { readonly errorCode: number; readonly errorMessage?: string | null | undefined } | undefined,
): KafkaError | undefined {
  const error = refusalOf({ topic: name }, answer, 'UNKNOWN_TOPIC_OR_PARTITION')
  return TopicNotFoundError.is(error) ? new TopicNotFoundError(`topic '${name}' does not exist`) : error
}
