import { codeOf } from '@kafkado/core'
import { type ErrorFields, type MeantTopic, wrongId } from '@kafkado/core/internal/answers'
import type { Asker } from '../connection/asker.ts'
import type { Cluster } from './cluster.ts'
import { metadataApi } from './metadata-api.ts'
import type { RequestOptions } from '../connection/broker.ts'

const wrongIdCodes = new Set([codeOf('UNKNOWN_TOPIC_ID'), codeOf('INCONSISTENT_TOPIC_ID')])

/** Whether the error says that the topic is another one than meant, or that a broker does not know it yet. */
export function saysWrongId(errorCode: number): boolean {
  return wrongIdCodes.has(errorCode)
}

/**
 * Checks the topic ids of a request, for APIs that know only names. It asks the broker that is to carry out the request
 * for the topics' present ids. Without ids in the request it asks nothing.
 *
 * @returns the errors, by topic
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
  // This only reads, so it does not affect the outcome of the call.
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
