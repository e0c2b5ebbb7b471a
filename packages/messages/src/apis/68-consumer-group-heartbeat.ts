import { defineApi } from '../api.ts'
import { array, field, int16, int32, nullable, string, struct, uuid } from '../fields/fields.ts'

/**
 * ConsumerGroupHeartbeat (API key 68, KIP-848). In version 1 members make their own ids (KIP-1082) and may subscribe by
 * a pattern.
 */
export const consumerGroupHeartbeat = defineApi({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexibleSince: 0,
  request: struct({
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    instanceId: field(nullable(string), { default: null }),
    rackId: field(nullable(string), { default: null }),
    rebalanceTimeoutMs: field(int32, { default: -1 }),
    subscribedTopicNames: field(nullable(array(string)), { default: null }),
    subscribedTopicRegex: field(nullable(string), { since: 1, default: null }),
    serverAssignor: field(nullable(string), { default: null }),
    topicPartitions: field(
      nullable(
        array(
          struct({
            topicId: uuid,
            partitions: array(int32),
          }),
        ),
      ),
      { default: null },
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: field(nullable(string), { default: null }),
    memberId: field(nullable(string), { default: null }),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: field(
      nullable(
        struct({
          topicPartitions: array(
            struct({
              topicId: uuid,
              partitions: array(int32),
            }),
          ),
        }),
      ),
      { default: null },
    ),
  }),
})
