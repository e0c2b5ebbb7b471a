import { consumerGroupHeartbeat } from '@kafkado/core'
import { handles } from './handler.ts'

export const handleConsumerGroupHeartbeat = handles(consumerGroupHeartbeat, async (engine, request) => {
  if (request.subscribedTopicRegex) await engine.groups.loadExpressions()
  // A member that leaves gives up what it has.
  const changes = request.memberEpoch < 0 ? engine.beginEnding() : engine.begin()
  const response = engine.groups.heartbeat(changes, request)
  await engine.commit(changes)
  return response
})
