import { codeOf } from '@kafkado/core'
import { type ErrorFields, refused } from './answers.ts'
import type { Asker } from '../connection/asker.ts'
import type { Cluster } from './cluster.ts'
import { metadataApi } from './metadata-api.ts'
import type { RequestOptions } from '../connection/broker.ts'

/** A topic as requests name it: by its name, and where they say so with the id that it has to have. */
export interface MeantTopic {
  readonly topic: string
  readonly topicId?: string | null | undefined
}

const wrongIdCodes = new Set([codeOf('UNKNOWN_TOPIC_ID'), codeOf('INCONSISTENT_TOPIC_ID')])

/** Whether an error says that the topic is not the one that was meant, or that a broker does not know it yet. */
export function saysWrongId(errorCode: number): boolean {
  return wrongIdCodes.has(errorCode)
}

/**
 * What is wrong with the id that a request says.
 *
 * @param knownId the id that the topic of that name has; undefined when there is none
 */
export function wrongId(
  { topic, topicId }: MeantTopic,
  knownId: string | null | undefined,
  nameOfId: (topicId: string) => string | undefined,
): ErrorFields | undefined {
  if (topicId === undefined || topicId === null || topicId === knownId) return undefined
  const other = nameOfId(topicId)
  // Which one is told to nobody: who asks may have no right to know that topic.
  if (other !== undefined && other !== topic)
    return refused('INCONSISTENT_TOPIC_ID', `the id ${topicId} is that of another topic than '${topic}'`)
  const now = knownId ? `the topic of that name now has the id ${knownId}` : 'there is none of that name now'
  return refused('UNKNOWN_TOPIC_ID', `there is no topic '${topic}' with the id ${topicId}; ${now}`)
}

/**
 * Looks at the ids that a request says, for APIs that know names only: the broker that is to carry the request out is
 * asked what it knows at this moment. Nothing is asked when the request says no ids.
 *
 * @returns what is wrong, by topic
 */
export async function wrongIdsAt(
  cluster: Cluster,
  nodeId: number,
  topics: readonly MeantTopic[],
  asker: Asker,
  options: RequestOptions = {},
): Promise<ReadonlyMap<string, ErrorFields>> {
  const wrong = new Map<string, ErrorFields>()
  const identified = topics.filter(({ topicId }) => topicId !== undefined && topicId !== null)
  if (identified.length === 0) return wrong
  const request = {
    topics: identified.map(({ topic }) => ({ topicId: null, name: topic })),
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false,
  }
  // It only reads, so it says nothing of whether the call itself had an effect.
  const answer = await cluster.ask(
    nodeId,
    metadataApi,
    request,
    { signal: asker.signal, sent: () => undefined },
    options,
  )
  const known = new Map(answer.topics.map(({ name, topicId }) => [name, topicId]))
  for (const meant of identified) {
    const error = wrongId(meant, known.get(meant.topic), (topicId) => cluster.metadata.nameOf(topicId))
    if (error) wrong.set(meant.topic, error)
  }
  return wrong
}
