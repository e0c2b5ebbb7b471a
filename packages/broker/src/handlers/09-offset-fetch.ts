import { offsetFetch } from '@kafkado/core'
import type { OffsetFetchRequest, OffsetFetchResponse } from '@kafkado/core/protocol'
import { failed, succeeded } from '@kafkado/core/internal/answers'
import { checkFetch } from '../group/commit-checks.ts'
import { wrongTopicId } from '../topic/meant-topic.ts'
import { handles } from './handler.ts'

type Answer = OffsetFetchResponse['topics'][number]['partitions'][number]

/** Returns the committed offsets of a group; −1 for partitions without one. */
export const handleOffsetFetch = handles(offsetFetch, (engine, request) => {
  const { groupId, requireStable } = request
  const { offsets } = engine.groups
  checkFetch(engine.groups.commitGroup(groupId), request)
  const none = { committedOffset: -1, committedLeaderEpoch: -1, metadata: null }
  const asked: NonNullable<OffsetFetchRequest['topics']> = request.topics ?? offsets.committedPartitions(groupId)
  const topics = asked.map(({ topic, topicId, partitions }) => {
    const wrong = wrongTopicId(engine.topics, { topic, topicId })
    const answer = (partition: number): Answer => {
      if (wrong) return { partition, ...wrong, ...none }
      if (requireStable && offsets.isUndecided(groupId, topic, partition)) {
        const message =
          `an open transaction holds offsets of group '${groupId}' for topic '${topic}' partition ` + `${partition}`
        return { partition, ...failed('UNSTABLE_OFFSET_COMMIT', message), ...none }
      }
      const found = offsets.get(groupId, topic, partition)
      if (!found) return { partition, ...succeeded, ...none }
      const { committedOffset, committedLeaderEpoch, metadata } = found
      return { partition, ...succeeded, committedOffset, committedLeaderEpoch, metadata }
    }
    return { topic, partitions: partitions.map(answer) }
  })
  return { throttleTimeMs: 0, topics }
})
