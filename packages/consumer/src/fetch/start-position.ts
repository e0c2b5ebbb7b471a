import { type KafkaError, listOffsets, listOffsetsTimestamp, offsetFetch, type Transport } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { answersOf, byTopic } from '../partition/by-topic.ts'
import type { ConsumerSettings, StartOffset } from '../consumer-config.ts'
import type { AssignedPartition } from '../group/membership.ts'

/** What identifies the member to the group. */
export interface MemberIdentity {
  readonly memberId: string
  readonly memberEpoch: number
}

/** As whom the offsets of a group are read and committed that has no members. */
export const noMember: MemberIdentity = { memberId: '', memberEpoch: -1 }

/** An offset that was asked for, `undefined` where there is none, or why it is not known. */
export type OffsetAnswer = { readonly offset: number | undefined } | { readonly error: KafkaError }

/**
 * What the group has committed for partitions. An error is never taken for "nothing".
 *
 * @throws KafkaError when the request fails as a whole, such as for a member that is not known
 */
export async function fetchCommitted(
  transport: Transport,
  { group, isolation }: Pick<ConsumerSettings, 'group' | 'isolation'>,
  member: MemberIdentity,
  partitions: readonly AssignedPartition[],
  signal: AbortSignal,
): Promise<OffsetAnswer[]> {
  if (group === undefined || partitions.length === 0) return partitions.map(() => ({ offset: undefined }))
  const topics = byTopic(partitions).map(({ topic, topicId, own }) => ({
    topic,
    topicId,
    partitions: own.map(({ partition }) => partition),
  }))
  // Whoever is no member commits as '' and asks as null: a member whose id is '' is one that the group does not know.
  const memberId = member.memberId || null
  const request = { groupId: group, ...member, memberId, topics, requireStable: isolation === 'read_committed' }
  const answerOf = answersOf((await transport.send(offsetFetch, request, { signal })).topics)
  return partitions.map((target) => {
    const answer = answerOf(target)
    const error = problemOf(target, answer)
    if (error) return { error }
    return { offset: answer && answer.committedOffset >= 0 ? answer.committedOffset : undefined }
  })
}

/**
 * The offsets at which a start position lies; beyond the youngest record it is the end.
 *
 * @throws KafkaError when the request fails as a whole
 */
export async function listStarts(
  transport: Transport,
  { isolation: isolationLevel }: Pick<ConsumerSettings, 'isolation'>,
  start: StartOffset,
  partitions: readonly AssignedPartition[],
  signal: AbortSignal,
): Promise<OffsetAnswer[]> {
  if (partitions.length === 0) return []
  /** Answers −1 for partitions in which no record is as young. */
  const list = async (timestamp: number): Promise<OffsetAnswer[]> => {
    const topics = byTopic(partitions).map(({ topic, topicId, own }) => ({
      topic,
      topicId,
      partitions: own.map(({ partition }) => ({ partition, timestamp })),
    }))
    const answerOf = answersOf((await transport.send(listOffsets, { isolationLevel, topics }, { signal })).topics)
    return partitions.map((target) => {
      const answer = answerOf(target)
      const error = problemOf(target, answer)
      return error ? { error } : { offset: answer?.offset ?? -1 }
    })
  }
  if (typeof start !== 'object') return list(listOffsetsTimestamp[start])
  // The ends come first: what is written before the time is looked for then lies behind them, and is not passed over.
  const ends = await list(listOffsetsTimestamp.latest)
  const found = await list(Number(start.timestamp))
  return found.map(
    (answer, index) => ('offset' in answer && answer.offset === -1 ? ends[index] : answer) as OffsetAnswer,
  )
}

function problemOf(
  { topic, partition }: AssignedPartition,
  answer: { readonly errorCode: number; readonly errorMessage?: string | null | undefined } | undefined,
): KafkaError | undefined {
  const errorCode = answer?.errorCode ?? -1
  return errorCode === 0 ? undefined : errorOfCode(errorCode, { topic, partition, detail: answer?.errorMessage })
}
