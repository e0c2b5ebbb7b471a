import {
  describeGroups,
  type DescribeGroupsResponse,
  errorCodeOf,
  metadata,
  offsetFetch,
  type Transport,
} from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { partitionOffsets } from './partition-offsets.ts'

export interface GroupMemberDescription {
  readonly id: string
  readonly instanceId: string | null
  /** Where it says that it is; null where it does not. */
  readonly rack: string | null
  readonly epoch: number
  readonly topics: readonly string[]
  /** What it owns now. */
  readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
}

export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  /** The offset of the next record to read; null where nothing was committed. */
  readonly committed: number | null
  readonly latest: number
  /** How many records are still to be read, counted from the start of the log where nothing was committed. */
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
  throw errorOfCode(group?.errorCode ?? -1, { detail: group?.errorMessage })
}

/**
 * Members of a group, what they own, and how far it has come.
 *
 * @throws KafkaError GROUP_ID_NOT_FOUND
 */
export async function describeGroup(transport: Transport, id: string): Promise<GroupDescription> {
  const group = await findGroup(transport, id)
  const committed = await committedOffsets(transport, id)
  const subscribed = group.members.flatMap(({ subscribedTopicNames }) => subscribedTopicNames)
  const topics = [...new Set([...committed.keys(), ...subscribed])].sort()
  const offsets = (
    await Promise.all(topics.map((topic) => topicOffsets(transport, topic, committed.get(topic))))
  ).flat()
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

async function committedOffsets(transport: Transport, groupId: string): Promise<Map<string, Map<number, number>>> {
  const { topics } = await transport.send(offsetFetch, {
    groupId,
    memberId: null,
    memberEpoch: -1,
    topics: null,
    requireStable: false,
  })
  return new Map(
    topics.map(({ topic, partitions }) => [
      topic,
      new Map(
        partitions
          .filter(({ committedOffset }) => committedOffset >= 0)
          .map(({ partition, committedOffset }) => [partition, committedOffset]),
      ),
    ]),
  )
}

async function topicOffsets(
  transport: Transport,
  topic: string,
  committed: ReadonlyMap<number, number> = new Map(),
): Promise<GroupOffset[]> {
  const response = await transport.send(metadata, { topics: [topic], allowAutoTopicCreation: false })
  const found = response.topics[0]
  // A topic that was deleted has no lag any more.
  if (!found || errorCodeOf(found.errorCode).name === 'UNKNOWN_TOPIC_OR_PARTITION') return []
  const partitions = found.partitions.map(({ partition }) => partition).sort((left, right) => left - right)
  const [earliest, latest] = await Promise.all([
    partitionOffsets(transport, topic, partitions, 'earliest'),
    partitionOffsets(transport, topic, partitions, 'latest'),
  ])
  return partitions.map((partition) => {
    const end = latest.get(partition) ?? 0
    const reached = committed.get(partition)
    return {
      topic,
      partition,
      committed: reached ?? null,
      latest: end,
      lag: Math.max(end - (reached ?? earliest.get(partition) ?? 0), 0),
    }
  })
}
