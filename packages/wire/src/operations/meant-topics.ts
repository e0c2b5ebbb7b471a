import type { ErrorFields, MeantTopic } from '@kafkado/core/internal/answers'
import type { Call } from '../cluster/call.ts'
import type { RequestOptions } from '../connection/broker.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { wrongIdsAt } from '../cluster/topic-identity.ts'

interface Answer<A> {
  readonly throttleTimeMs: number
  readonly topics: A[]
}

/**
 * Carries out a request for the topics that still have the requested ids, and refuses the others. For the offsets of
 * groups: in every version that Apache Kafka 4.1 has finished, their APIs use topic names. It checks the ids directly
 * before, at the coordinator itself, which looks up the names.
 */
export async function forMeantTopics<T extends MeantTopic, A extends { readonly topic: string }>(
  cluster: Cluster,
  nodeId: number,
  asked: readonly T[],
  call: Call,
  options: RequestOptions,
  handling: { send(topics: T[]): Promise<Answer<A>>; refuse(topic: T, error: ErrorFields): A },
): Promise<Answer<A>> {
  const wrong = await wrongIdsAt(cluster, nodeId, asked, call, options)
  if (wrong.size === 0) return handling.send([...asked])
  const right = asked.filter(({ topic }) => !wrong.has(topic))
  const answer = right.length === 0 ? { throttleTimeMs: 0, topics: [] } : await handling.send(right)
  const answers = new Map(answer.topics.map((topic) => [topic.topic, topic]))
  const topics = asked.flatMap((topic) => {
    const error = wrong.get(topic.topic)
    return error ? handling.refuse(topic, error) : (answers.get(topic.topic) ?? [])
  })
  return { throttleTimeMs: answer.throttleTimeMs, topics }
}
