import { offsetFetch, type OffsetFetchRequest, type OffsetFetchResponse } from '../protocol/09-offset-fetch.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import { byTopic, type IdentifiedPartition } from './by-topic.ts'
import { answersInOrder, type OffsetAnswer, refusalOf } from './partition-refusal.ts'
import type { TopicPartition } from './topic-partition.ts'

interface CommittedQuery {
  readonly groupId: string
  /** The asking member, so that a fenced one learns of it; '' and −1 from outside the group. */
  readonly memberId: string
  readonly memberEpoch: number
  readonly partitions: readonly IdentifiedPartition[]
  /** Refuse while a transaction holds undecided offsets. */
  readonly requireStable: boolean
}

/**
 * A group's committed offsets for partitions, in order; `undefined` for a partition without one. An error never counts
 * as "nothing committed".
 *
 * @throws KafkaError when the whole request fails, for example for an unknown member
 */
export async function committedOffsets(
  transport: Transport,
  { memberId, partitions, ...query }: CommittedQuery,
  options?: SendOptions,
): Promise<OffsetAnswer[]> {
  if (partitions.length === 0) return []
  const topics = byTopic(partitions, ({ partition }) => partition)
  // From outside the group, commits use the member id '' and queries use null: an id of '' would be an unknown member.
  const answers = await ask(transport, { ...query, memberId: memberId || null, topics }, options)
  return answersInOrder(partitions, answers, ({ committedOffset }) => ({
    offset: committedOffset >= 0 ? committedOffset : undefined,
  }))
}

/** A group's committed offset for a partition. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number
  readonly metadata: string | null
}

/**
 * All committed offsets of a group, for any caller.
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
