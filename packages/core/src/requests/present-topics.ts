import { type KafkaError, TopicNotFoundError } from '../errors/kafka-error.ts'
import { metadata, type MetadataResponse } from '../protocol/03-metadata.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { type AnswerOr, refusalOf } from './partition-refusal.ts'

/** What a server knows of a topic. */
export type TopicMetadata = MetadataResponse['topics'][number]

/** How topics are asked for that are not waited for. */
export interface PresentTopicsOptions extends SendOptions {
  /** Whether a topic that is not there is made, where the server permits it. Default false. */
  readonly allowAutoTopicCreation?: boolean | undefined
}

/**
 * What the server knows of topics now, in the order of their names: for who takes "it is not there" for an answer. It
 * is asked once; whoever needs a topic waits for it with `lookUpTopics`.
 *
 * @throws KafkaError when the request fails as a whole
 */
export async function presentTopics(
  transport: Transport,
  names: readonly string[],
  { allowAutoTopicCreation = false, ...options }: PresentTopicsOptions = {},
): Promise<AnswerOr<TopicMetadata>[]> {
  if (names.length === 0) return []
  const { topics } = await transport.send(metadata, { topics: [...names], allowAutoTopicCreation }, options)
  const byName = new Map(topics.map((topic) => [topic.topic, topic]))
  return names.map((name) => {
    const topic = byName.get(name)
    const error = refusalOfTopic(name, topic)
    return error ? { error } : (topic as TopicMetadata)
  })
}

/** All topics that there are now, internal ones as well, without those about which something is wrong. */
export async function allTopics(transport: Transport, options?: SendOptions): Promise<TopicMetadata[]> {
  const { topics } = await transport.send(metadata, { topics: null, allowAutoTopicCreation: false }, options)
  return topics.filter(({ errorCode }) => errorCode === 0)
}

/**
 * What is wrong with a topic that was asked for by name; undefined where nothing is. One that was not answered does not
 * exist.
 */
export function refusalOfTopic(
  name: string,
  answer: { readonly errorCode: number; readonly errorMessage?: string | null | undefined } | undefined,
): KafkaError | undefined {
  const error = refusalOf({ topic: name }, answer, 'UNKNOWN_TOPIC_OR_PARTITION')
  return TopicNotFoundError.is(error) ? new TopicNotFoundError(`topic '${name}' does not exist`) : error
}
