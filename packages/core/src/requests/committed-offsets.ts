import { offsetFetch, type OffsetFetchRequest, type OffsetFetchResponse } from '../protocol/09-offset-fetch.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { byTopic, type IdentifiedPartition } from './by-topic.ts'
import { answersInOrder, type OffsetAnswer, refusalOf } from './partition-refusal.ts'
import type { TopicPartition } from './topic-partition.ts'

interface CommittedQuery {
  readonly groupId: string
  /** As whom to ask, so that a member that was fenced learns of it; '' and −1 for who is no member. */
  readonly memberId: string
  readonly memberEpoch: number
  readonly partitions: readonly IdentifiedPartition[]
  /** Refuse while a transaction holds offsets of which it is not decided whether they count. */
  readonly requireStable: boolean
}

/**
 * What a group has committed for partitions, in their order; `undefined` where nothing was. An error is never taken for
 * "nothing".
 *
 * @throws KafkaError when the request fails as a whole, such as for a member that is not known
 */
export async function committedOffsets(
  transport: Transport,
  { memberId, partitions, ...query }: CommittedQuery,
  options?: SendOptions,
): Promise<OffsetAnswer[]> {
  if (partitions.length === 0) return []
  const topics = byTopic(partitions, ({ partition }) => partition)
  // Whoever is no member commits as '' and asks as null: a member whose id is '' is one that the group does not know.
  const answers = await ask(transport, { ...query, memberId: memberId || null, topics }, options)
  return answersInOrder(partitions, answers, ({ committedOffset }) => ({
    offset: committedOffset >= 0 ? committedOffset : undefined,
  }))
}

/** What a group has committed for a partition. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number
  readonly metadata: string | null
}

/**
 * All that a group has committed, whoever asks.
 *
 * @throws KafkaError when the request, or one of the partitions, is refused
 */
export async function allCommittedOffsets(transport: Transport, groupId: string): Promise<CommittedOffset[]> {
  const topics = await ask(transport, {
    groupId,
    memberId: null,
    memberEpoch: -1,
    topics: null,
    requireStable: false,
  })
  return topics.flatMap(({ topic, partitions }) =>
    partitions
      .map(({ partition, committedOffset: offset, metadata, ...result }) => {
        const error = refusalOf({ topic, partition }, result)
        if (error) throw error
        return { topic, partition, offset, metadata }
      })
      .filter(({ offset }) => offset >= 0),
  )
}

async function ask(
  transport: Transport,
  request: OffsetFetchRequest,
  options?: SendOptions,
): Promise<OffsetFetchResponse['topics']> {
  return (await transport.send(offsetFetch, request, options)).topics
}
