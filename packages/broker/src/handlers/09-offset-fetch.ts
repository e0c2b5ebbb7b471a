import type { offsetFetch, OffsetFetchRequest, OffsetFetchResponse } from '@kafkado/core'
import { wrongId } from '../topic/meant-topic.ts'
import { failed, type Handler, succeeded } from './handler.ts'

type Answer = OffsetFetchResponse['topics'][number]['partitions'][number]

/**
 * What a group has committed; −1 where it has nothing. It is answered when it is durable: a member that went on from an offset which a
 * crash takes back would leave out what lies between.
 */
export const handleOffsetFetch: Handler<typeof offsetFetch> = async (engine, request) => {
  const { groupId, memberId, memberEpoch, requireStable } = request
  const { offsets } = engine.groups
  if (memberId !== null) engine.groups.checkFetch(groupId, memberId, memberEpoch)
  const none = { committedOffset: -1, committedLeaderEpoch: -1, metadata: null }
  const asked: NonNullable<OffsetFetchRequest['topics']> = request.topics ?? offsets.committedPartitions(groupId)
  const topics = asked.map(({ topic, topicId, partitions }) => {
    const wrong = wrongId(engine.topics, { topic, topicId })
    const answer = (partition: number): Answer => {
      if (wrong) return { partition, ...failed(wrong.errorName, wrong.message), ...none }
      if (requireStable && offsets.isUndecided(groupId, topic, partition)) {
        const message = `an open transaction holds offsets of group '${groupId}' for topic '${topic}' partition ${partition}`
        return { partition, ...failed('UNSTABLE_OFFSET_COMMIT', message), ...none }
      }
      const found = offsets.get(groupId, topic, partition)
      if (!found) return { partition, ...succeeded, ...none }
      const { committedOffset, committedLeaderEpoch, metadata } = found
      return { partition, ...succeeded, committedOffset, committedLeaderEpoch, metadata }
    }
    return { topic, partitions: partitions.map(answer) }
  })
  await engine.settled()
  return { throttleTimeMs: 0, topics }
}
