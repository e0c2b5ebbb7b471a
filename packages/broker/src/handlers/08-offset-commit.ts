import type { offsetCommit } from '@kafkado/core'
import { StorageChanges } from '../storage/storage.ts'
import { meantTopic } from '../topic/meant-topic.ts'
import { type Handler, noMeantPartition, succeeded } from './handler.ts'

/** Keeps what a member, or who administers an empty group, has come to. */
export const handleOffsetCommit: Handler<typeof offsetCommit> = async (engine, request) => {
  const { groupId, memberId, memberEpoch } = request
  const changes = new StorageChanges()
  engine.groups.checkCommit(groupId, memberId, memberEpoch, request.topics)
  const topics = request.topics.map(({ topic, topicId, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, committedOffset, committedLeaderEpoch, committedMetadata }) => {
      if (!meantTopic(engine.topics, { topic, topicId })?.partitions[partition])
        return { partition, ...noMeantPartition(engine, { topic, topicId }, partition) }
      const commitTimestampMs = engine.runtime.clock.now()
      engine.groups.offsets.put(changes, groupId, topic, partition, {
        committedOffset,
        committedLeaderEpoch,
        metadata: committedMetadata,
        commitTimestampMs,
      })
      return { partition, ...succeeded }
    }),
  }))
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics }
}
