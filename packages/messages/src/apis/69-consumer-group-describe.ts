import { defineApi } from '../api.ts'
import { array, boolean, field, int16, int32, int8, nullable, string, struct, uuid } from '../fields/fields.ts'

/** ConsumerGroupDescribe (API key 69, KIP-848). */
export const consumerGroupDescribe = defineApi({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
  flexibleSince: 0,
  request: struct({
    groupIds: array(string),
    includeAuthorizedOperations: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: field(nullable(string), { default: null }),
        groupId: string,
        groupState: string,
        groupEpoch: int32,
        assignmentEpoch: int32,
        assignorName: string,
        members: array(
          struct({
            memberId: string,
            instanceId: field(nullable(string), { default: null }),
            rackId: field(nullable(string), { default: null }),
            memberEpoch: int32,
            clientId: string,
            clientHost: string,
            subscribedTopicNames: array(string),
            subscribedTopicRegex: field(nullable(string), { default: null }),
            assignment: struct({
              topicPartitions: array(
                struct({
                  topicId: uuid,
                  topic: string,
                  partitions: array(int32),
                }),
              ),
            }),
            targetAssignment: struct({
              topicPartitions: array(
                struct({
                  topicId: uuid,
                  topic: string,
                  partitions: array(int32),
                }),
              ),
            }),
            memberType: field(int8, { since: 1, default: -1, ignorable: true }),
          }),
        ),
        authorizedOperations: field(int32, { default: -2147483648 }),
      }),
    ),
  }),
})
