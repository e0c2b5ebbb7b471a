import { InvalidRequestError, offsetCommit, type Transport } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { findGroup } from './describe-group.ts'
import { findTopic } from './find-topic.ts'
import { type LogPosition, partitionOffsets } from './partition-offsets.ts'

/** Where a group goes on: at a place in each log, or at one offset in every partition. */
export type ResetPosition = LogPosition | { readonly offset: number }

/**
 * Sets where a group goes on in a topic. The group must have no members, which would go on from where they are. An offset outside a log is
 * moved to its nearer end, as Kafka's own tool does.
 *
 * @returns the new offset of each partition
 * @throws TopicNotFoundError; KafkaError NON_EMPTY_GROUP while the group has members
 */
export async function resetOffsets(
  transport: Transport,
  groupId: string,
  topic: string,
  position: ResetPosition,
): Promise<Map<number, number>> {
  const { partitions, topicId } = await findTopic(transport, topic)
  const numbers = partitions.map(({ partition }) => partition)
  const members = await findGroup(transport, groupId).then(
    (group) => group.members.length,
    // A group that does not exist yet begins with these offsets.
    (error: { kafkaCode?: number }) => (error.kafkaCode === 69 ? 0 : Promise.reject(error as Error)),
  )
  if (members > 0)
    throw errorOfCode('NON_EMPTY_GROUP', {
      detail: `group '${groupId}' has ${members} members; stop them before its offsets are reset`,
    })
  const offsets = await positionOffsets(transport, topic, numbers, position)
  const topics = [
    {
      topic,
      // What was found in its logs means nothing in a topic that took its name meanwhile.
      topicId,
      partitions: [...offsets].map(([partition, committedOffset]) => ({
        partition,
        committedOffset,
        committedLeaderEpoch: -1,
        committedMetadata: null,
      })),
    },
  ]
  const response = await transport.send(offsetCommit, {
    groupId,
    memberId: '',
    memberEpoch: -1,
    groupInstanceId: null,
    topics,
  })
  for (const { partition, errorCode, errorMessage } of response.topics[0]?.partitions ?? []) {
    if (errorCode !== 0) throw errorOfCode(errorCode, { topic, partition, detail: errorMessage })
  }
  return offsets
}

async function positionOffsets(
  transport: Transport,
  topic: string,
  partitions: number[],
  position: ResetPosition,
): Promise<Map<number, number>> {
  if (typeof position === 'string' || 'timestamp' in position)
    return partitionOffsets(transport, topic, partitions, position)
  const { offset } = position
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new InvalidRequestError(`an offset is a whole number from 0 up, got ${String(offset)}`)
  const [earliest, latest] = await Promise.all([
    partitionOffsets(transport, topic, partitions, 'earliest'),
    partitionOffsets(transport, topic, partitions, 'latest'),
  ])
  return new Map(
    partitions.map((partition) => [
      partition,
      Math.min(Math.max(offset, earliest.get(partition) ?? 0), latest.get(partition) ?? 0),
    ]),
  )
}
