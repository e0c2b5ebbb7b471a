import { offsetCommit } from '@kafkado/core'
import { checkCommit } from '../group/commit-checks.ts'
import { keepEach } from './committed-partitions.ts'
import { handles } from './handler.ts'

/** Stores the progress of a member, or of an empty group, which an administrator may set. */
export const handleOffsetCommit = handles(offsetCommit, async (engine, request) => {
  const { groupId } = request
  checkCommit(engine.groups.commitGroup(groupId), request)
  engine.groups.bounds.requireRoomFor(groupId)
  const changes = engine.begin()
  const topics = keepEach(engine, request.topics, (topic, partition, offset) =>
    engine.groups.offsets.put(changes, groupId, topic, partition, offset),
  )
  await engine.commit(changes)
  return { throttleTimeMs: 0, topics }
})
