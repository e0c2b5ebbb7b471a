import * as z from 'zod/mini'
import { errorFields, identifiedTopicPartitions, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const describeGroupsSchemas = () => ({
  request: z.object({ groupIds: z.array(z.string()) }),
  response: z.object({
    throttleTimeMs: throttleTimeMs(),
    groups: z.array(
      z.object({
        ...errorFields(),
        groupId: z.string(),
        groupState: z.string(),
        groupEpoch: z.int(),
        assignmentEpoch: z.int(),
        assignorName: z.string(),
        members: z.array(
          z.object({
            memberId: z.string(),
            instanceId: z.nullable(z.string()),
            rackId: z.nullable(z.string()),
            memberEpoch: z.int(),
            clientId: z.string(),
            clientHost: z.string(),
            subscribedTopicNames: z.array(z.string()),
            subscribedTopicRegex: z.nullable(z.string()),
            assignment: identifiedTopicPartitions(),
            targetAssignment: identifiedTopicPartitions(),
          }),
        ),
      }),
    ),
  }),
})

/** ConsumerGroupDescribe (API key 69, KIP-848): state, epochs, members, and what each owns and is to own. */
export const describeGroups = /* @__PURE__ */ defineOperation<DescribeGroupsRequest, DescribeGroupsResponse>({
  apiKey: 69,
  name: 'describeGroups',
  path: '/v1/admin/describe-groups',
  elements: { asked: 'groupIds', answered: 'groups', isReadOnly: true },
})

export type DescribeGroupsRequest = RequestIn<typeof describeGroupsSchemas>
export type DescribeGroupsResponse = ResponseIn<typeof describeGroupsSchemas>
