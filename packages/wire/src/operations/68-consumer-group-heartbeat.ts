import { consumerGroupHeartbeat } from '@kafkado/core'
import { memberEpoch as specialEpoch } from '@kafkado/core/protocol'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/**
 * ConsumerGroupHeartbeat (API key 68) in the version whose members make their own ids (KIP-1082) and may subscribe by a
 * pattern.
 */
export const consumerGroupHeartbeatApi = messages.consumerGroupHeartbeat.at(1)

/** Members name topics, the coordinator uses their ids. Deleted topics are left out in both directions. */
export const consumerGroupHeartbeatHandler = handles(consumerGroupHeartbeat, async (cluster, request, call) => {
  const { groupId, memberId, memberEpoch, topicPartitions: owned } = request
  const { metadata } = cluster
  if (owned)
    await metadata.learn(
      owned.flatMap(({ topic, topicId }) => (topicId || metadata.idOf(topic) !== undefined ? [] : topic)),
      call,
    )
  const topicPartitions =
    owned?.flatMap(({ topic, topicId: ownId, partitions }) => {
      const topicId = ownId ?? metadata.idOf(topic) ?? null
      // A joining member must not own anything, not even of a deleted topic; the coordinator refuses that.
      return topicId === null && memberEpoch !== specialEpoch.join ? [] : [{ topicId, partitions }]
    }) ?? null
  const own = { ...request, topicPartitions }
  const response = await cluster.askCoordinator('group', groupId, consumerGroupHeartbeatApi, own, call)
  const assigned = response.assignment?.topicPartitions ?? []
  const names = await metadata.namesOf(
    assigned.map(({ topicId }) => topicId ?? ''),
    call,
  )
  const assignment = assigned.flatMap(({ topicId, partitions }) => {
    const topic = names.get(topicId ?? '')
    return topic === undefined ? [] : [{ topic, topicId, partitions }]
  })
  return {
    throttleTimeMs: response.throttleTimeMs,
    memberId: response.memberId ?? memberId,
    memberEpoch: response.memberEpoch,
    heartbeatIntervalMs: response.heartbeatIntervalMs,
    assignment: response.assignment && { topicPartitions: assignment },
  }
})
