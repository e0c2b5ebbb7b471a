import * as schema from '../schema/schema.ts'
import { errorFields, identifiedTopicPartitions, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const describeGroupsSchemas = () => ({
  request: schema.object({ groupIds: schema.array(schema.string()) }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    groups: schema.array(
      schema.object({
        ...errorFields(),
        groupId: schema.string(),
        groupState: schema.string(),
        groupEpoch: schema.integer(),
        assignmentEpoch: schema.integer(),
        assignorName: schema.string(),
        members: schema.array(
          schema.object({
            memberId: schema.string(),
            instanceId: schema.nullable(schema.string()),
            rackId: schema.nullable(schema.string()),
            memberEpoch: schema.integer(),
            clientId: schema.string(),
            clientHost: schema.string(),
            subscribedTopicNames: schema.array(schema.string()),
            subscribedTopicRegex: schema.nullable(schema.string()),
            assignment: identifiedTopicPartitions(),
            targetAssignment: identifiedTopicPartitions(),
          }),
        ),
      }),
    ),
  }),
})

/**
 * ConsumerGroupDescribe (API key 69, KIP-848): state, epochs, members, and the present and future partitions of each.
 */
export const describeGroups = /* @__PURE__ */ defineOperation<DescribeGroupsRequest, DescribeGroupsResponse>({
  apiKey: 69,
  name: 'describeGroups',
  path: '/v1/admin/describe-groups',
  elements: { asked: 'groupIds', answered: 'groups', isReadOnly: true },
})

export type DescribeGroupsRequest = RequestIn<typeof describeGroupsSchemas>
export type DescribeGroupsResponse = ResponseIn<typeof describeGroupsSchemas>
