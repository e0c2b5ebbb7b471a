import { describeGroups, TopicNotFoundError, type Transport } from '@kafkado/core'
import type { DescribeGroupsResponse } from '@kafkado/core/protocol'
import { allCommittedOffsets, errorOfCode, presentTopics, requireText } from '@kafkado/core/internal'
import { offsetsByTopic } from '../partition-offsets.ts'

export interface GroupMemberDescription {
  readonly id: string
  readonly instanceId: string | null
  /** The member's own statement of where it runs; null without one. */
  readonly rack: string | null
  readonly epoch: number
  readonly topics: readonly string[]
  /** The partitions that it owns now. */
  readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
}

export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  /** The offset of the next record to read; null when nothing is committed. */
  readonly committed: number | null
  readonly latest: number
  /** How many records are still to be read. When nothing is committed, it counts from the start of the log. */
  readonly lag: number
}

export interface GroupDescription {
  readonly id: string
  readonly state: string
  readonly members: readonly GroupMemberDescription[]
  readonly offsets: readonly GroupOffset[]
  readonly totalLag: number
}

type Group = DescribeGroupsResponse['groups'][number]

/** @throws KafkaError GROUP_ID_NOT_FOUND */
export async function findGroup(transport: Transport, id: string): Promise<Group> {
  const { groups } = await transport.send(describeGroups, { groupIds: [id] })
  const group = groups[0]
  if (group?.errorCode === 0) return group
  throw errorOfCode(group?.errorCode ?? 'UNKNOWN_SERVER_ERROR', { detail: group?.errorMessage })
}

/**
 * The members of a group, their partitions, and the group's progress.
 *
 * @throws KafkaError GROUP_ID_NOT_FOUND
 */
export async function describeGroup(transport: Transport, id: string): Promise<GroupDescription> {
  requireText(id, 'group')
  const group = await findGroup(transport, id)
  const committed = await committedByTopic(transport, id)
  const subscribed = group.members.flatMap(({ subscribedTopicNames }) => subscribedTopicNames)
  const topics = [...new Set([...committed.keys(), ...subscribed])].sort()
  const offsets = await groupOffsets(transport, topics, committed)
  return {
    id,
    state: group.groupState,
    members: group.members.map(({ memberId, instanceId, rackId, memberEpoch, subscribedTopicNames, assignment }) => ({
      id: memberId,
      instanceId,
      rack: rackId,
      epoch: memberEpoch,
      topics: subscribedTopicNames,
      assignment,
    })),
    offsets,
    totalLag: offsets.reduce((sum, { lag }) => sum + lag, 0),
  }
}

async function committedByTopic(transport: Transport, groupId: string): Promise<Map<string, Map<number, number>>> {
  const byTopic = Map.groupBy(await allCommittedOffsets(transport, groupId), ({ topic }) => topic)
  return new Map(
    [...byTopic].map(([topic, own]) => [topic, new Map(own.map(({ partition, offset }) => [partition, offset]))]),
  )
}

async function groupOffsets(
  transport: Transport,
  topics: readonly string[],
  committed: ReadonlyMap<string, ReadonlyMap<number, number>>,
): Promise<GroupOffset[]> {
  const partitions = await partitionsOf(transport, topics)
  const [earliest, latest] = await Promise.all([
    offsetsByTopic(transport, partitions, 'earliest'),
    offsetsByTopic(transport, partitions, 'latest'),
  ])
  return [...partitions].flatMap(([topic, numbers]) =>
    numbers.map((partition) => {
      const end = latest.get(topic)?.get(partition) ?? 0
      const reached = committed.get(topic)?.get(partition)
      return {
        topic,
        partition,
        committed: reached ?? null,
        latest: end,
        lag: Math.max(end - (reached ?? earliest.get(topic)?.get(partition) ?? 0), 0),
      }
    }),
  )
}

/** In the order of topics and partitions. A deleted topic has no lag. */
async function partitionsOf(transport: Transport, topics: readonly string[]): Promise<Map<string, number[]>> {
  const answers = await presentTopics(transport, topics)
  return new Map(
    answers.flatMap((answer) => {
      if ('error' in answer) {
        const { error }: { error: unknown } = answer
        if (TopicNotFoundError.is(error)) return []
        throw error
      }
      const numbers = answer.partitions.map(({ partition }) => partition)
      return [[answer.topic, numbers.sort((left, right) => left - right)] as const]
    }),
  )
}
