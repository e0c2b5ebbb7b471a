import { isKafkaError, type LogPosition, type Transport } from '@kafkado/core'
import { commitOffsets, errorOfCode, requireText, requireTopicName } from '@kafkado/core/internal'
import { type Place, requireResetPlace } from '../admin-arguments.ts'
import { findGroup } from './describe-group.ts'
import { findTopic, requireEachSucceeded } from '../find-topic.ts'
import { partitionOffsets } from '../partition-offsets.ts'

export interface ResetOffsetsOptions {
  /**
   * Computes the offsets and commits nothing; it also works while members run. Default false. Set it to see the effect
   * first.
   */
  validateOnly?: boolean | undefined
  /** A note stored with the offsets, for people. Default: none. Kafka: OffsetAndMetadata.metadata. */
  metadata?: string | undefined
}

/** Where the group continues: at a place in each log, or at one offset in every partition. */
export type ResetPosition = LogPosition | { readonly offset: number }

/**
 * Sets where a group continues in a topic. The group must not have members, which would continue from their own
 * positions. An offset outside a log becomes its nearer end, as in Kafka's own tool.
 *
 * @returns the new offset of each partition
 * @throws InvalidRequestError when an argument is not valid; TopicNotFoundError; KafkaError NON_EMPTY_GROUP while the
 *   group has members
 */
export async function resetOffsets(
  transport: Transport,
  groupId: string,
  topic: string,
  position: ResetPosition,
  { validateOnly = false, metadata }: ResetOffsetsOptions = {},
): Promise<Map<number, number>> {
  requireText(groupId, 'group')
  requireTopicName(topic)
  const place = requireResetPlace(position, 'position')
  const { partitions, topicId } = await findTopic(transport, topic)
  const numbers = partitions.map(({ partition }) => partition)
  const offsets = await offsetsOf(transport, topic, numbers, place)
  if (validateOnly) return offsets
  const members = await findGroup(transport, groupId).then(
    (group) => group.members.length,
    // A missing group is created with these offsets.
    (error: unknown) => (isKafkaError(error, 'GROUP_ID_NOT_FOUND') ? 0 : Promise.reject(error as Error)),
  )
  if (members > 0)
    throw errorOfCode('NON_EMPTY_GROUP', {
      detail: `group '${groupId}' has ${members} members; stop them before its offsets are reset`,
    })
  const refusals = await commitOffsets(transport, {
    groupId,
    memberId: '',
    memberEpoch: -1,
    groupInstanceId: null,
    // If a new topic has taken the name meanwhile, offsets from the old one's logs mean nothing in it.
    offsets: [...offsets].map(([partition, offset]) => ({ topic, topicId, partition, offset, metadata })),
  })
  requireEachSucceeded(refusals)
  return offsets
}

async function offsetsOf(
  transport: Transport,
  topic: string,
  partitions: number[],
  place: Exclude<Place, { offsets: unknown }>,
): Promise<Map<number, number>> {
  if ('position' in place) return partitionOffsets(transport, topic, partitions, place.position)
  const [earliest, latest] = await Promise.all([
    partitionOffsets(transport, topic, partitions, 'earliest'),
    partitionOffsets(transport, topic, partitions, 'latest'),
  ])
  return new Map(
    partitions.map((partition) => [
      partition,
      Math.min(Math.max(place.offset, earliest.get(partition) ?? 0), latest.get(partition) ?? 0),
    ]),
  )
}
