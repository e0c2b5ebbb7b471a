import * as schema from '../schema/schema.ts'
import { groupId, identifiedTopicPartitions, int32, throttleTimeMs, topicName } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** Special member epochs. */
export const memberEpoch = { join: 0, leave: -1, leaveStatic: -2 } as const

/** The form of the request and the response, checked where they enter. */
export const consumerGroupHeartbeatSchemas = () => ({
  request: schema.object({
    groupId: groupId(),
    memberId: schema.string(),
    memberEpoch: int32(),
    instanceId: schema.nullable(schema.string()),
    rackId: schema.nullable(schema.string()),
    /** How long the group waits for this member to give up partitions; −1 when unchanged. */
    rebalanceTimeoutMs: int32(),
    subscribedTopicNames: schema.nullable(schema.array(topicName())),
    subscribedTopicRegex: schema.nullable(schema.string()),
    serverAssignor: schema.nullable(schema.string()),
    /**
     * The partitions that the member owns now, with the topic ids it was told; null when unchanged since the last
     * heartbeat.
     */
    topicPartitions: schema.nullable(identifiedTopicPartitions()),
  }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    memberId: schema.string(),
    memberEpoch: schema.integer(),
    heartbeatIntervalMs: schema.integer(),
    /**
     * The partitions that the member should own; null when unchanged. A recreated topic has another id, and so other
     * partitions.
     */
    assignment: schema.nullable(schema.object({ topicPartitions: identifiedTopicPartitions() })),
  }),
})

/**
 * ConsumerGroupHeartbeat (API key 68, KIP-848): joins a group (epoch 0), stays in it, learns which partitions to own,
 * reports the owned ones, and leaves (epoch −1, or −2 for a static member that comes back). The member makes its own id
 * (KIP-1082), so that joining twice leaves no ghost. A null field means "unchanged".
 */
export const consumerGroupHeartbeat = /* @__PURE__ */ defineOperation<
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse
>({
  apiKey: 68,
  name: 'consumerGroupHeartbeat',
  path: '/v1/groups/heartbeat',
})

export type ConsumerGroupHeartbeatRequest = RequestIn<typeof consumerGroupHeartbeatSchemas>
export type ConsumerGroupHeartbeatResponse = ResponseIn<typeof consumerGroupHeartbeatSchemas>
