import { type consumerGroupHeartbeat, memberEpoch as specialEpoch } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, nullable, nullableArray, nullableString, string, struct, uuid } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'

const partitionsOfTopic = struct({ topicId: uuid, partitions: array(int32) })

/** ConsumerGroupHeartbeat (API key 68) in the version whose members make their own ids (KIP-1082) and may subscribe by a pattern. */
export const consumerGroupHeartbeatApi = defineApi({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  version: 1,
  request: struct({
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    instanceId: nullableString,
    rackId: nullableString,
    rebalanceTimeoutMs: int32,
    subscribedTopicNames: nullableArray(string),
    subscribedTopicRegex: nullableString,
    serverAssignor: nullableString,
    topicPartitions: nullableArray(partitionsOfTopic),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    memberId: nullableString,
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: nullable(struct({ topicPartitions: array(partitionsOfTopic) })),
  }),
})

/** Members speak of topics by name, the coordinator by id. Topics that are gone are left out in both directions. */
export const sendConsumerGroupHeartbeat: WireHandler<typeof consumerGroupHeartbeat> = async (
  cluster,
  request,
  call,
) => {
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
      // Who joins must own nothing, be it of a topic that is gone: that is the coordinator's to refuse.
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
}
