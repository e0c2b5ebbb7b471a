import { offsetFetch, type Transport } from '@kafkado/core'
import type { ConsumerSettings } from '../consumer-config.ts'
import type { MemberIdentity } from '../group/membership.ts'
import { answersOf, byTopic } from '../partition/by-topic.ts'
import { type OffsetAnswer, refusalOf } from '../partition/offset-answer.ts'
import type { AssignedPartition } from '../topic-partition.ts'

interface CommittedQuery {
  readonly transport: Transport
  readonly settings: Pick<ConsumerSettings, 'group' | 'isolation'>
  /** As whom to ask. */
  readonly member: MemberIdentity
  readonly partitions: readonly AssignedPartition[]
  readonly signal?: AbortSignal
}

/**
 * What the group has committed for partitions. An error is never taken for "nothing".
 *
 * @throws KafkaError when the request fails as a whole, such as for a member that is not known
 */
export async function fetchCommitted(query: CommittedQuery): Promise<OffsetAnswer[]> {
  const { transport, settings, member, partitions, signal } = query
  const { group, isolation } = settings
  if (group === undefined || partitions.length === 0) return partitions.map(() => ({ offset: undefined }))
  const topics = byTopic(partitions, ({ partition }) => partition)
  // Whoever is no member commits as '' and asks as null: a member whose id is '' is one that the group does not know.
  const memberId = member.memberId || null
  const request = { groupId: group, ...member, memberId, topics, requireStable: isolation === 'read_committed' }
  const response = await transport.send(offsetFetch, request, signal ? { signal } : {})
  const answerOf = answersOf(response.topics)
  return partitions.map((target) => {
    const answer = answerOf(target)
    const error = refusalOf(target, answer)
    if (error) return { error }
    return { offset: answer && answer.committedOffset >= 0 ? answer.committedOffset : undefined }
  })
}
