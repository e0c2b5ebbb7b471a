import type { offsetFetch } from '@kafkado/core'
import { type Handler, succeeded } from './handler.ts'

/** What a group has committed; −1 where it has nothing. */
export const handleOffsetFetch: Handler<typeof offsetFetch> = (engine, { groupId, memberId, memberEpoch, topics }) => {
  if (memberId !== null) engine.groups.checkFetch(groupId, memberId, memberEpoch)
  const asked = topics ?? engine.groups.offsets.committedPartitions(groupId)
  return {
    throttleTimeMs: 0,
    topics: asked.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition) => {
        const found = engine.groups.offsets.get(groupId, topic, partition)
        const { committedOffset = -1, committedLeaderEpoch = -1, metadata = null } = found ?? {}
        return { partition, ...succeeded, committedOffset, committedLeaderEpoch, metadata }
      }),
    })),
  }
}
