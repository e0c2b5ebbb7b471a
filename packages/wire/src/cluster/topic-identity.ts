import { codeOf } from '@kafkado/core'
import { type ErrorFields, type MeantTopic, wrongId } from '@kafkado/core/internal/answers'
import type { Asker } from '../connection/asker.ts'
import type { Cluster } from './cluster.ts'
import { metadataApi } from './metadata-api.ts'
import type { RequestOptions } from '../connection/broker.ts'

const wrongIdCodes = new Set([codeOf('UNKNOWN_TOPIC_ID'), codeOf('INCONSISTENT_TOPIC_ID')])

/** Whether an error says that the topic is not the one that was meant, or that a broker does not know it yet. */
export function saysWrongId(errorCode: number): boolean {
  return wrongIdCodes.has(errorCode)
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
