import { codeOf, type describeGroups, type DescribeGroupsResponse } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import {
  array,
  boolean,
  int16,
  int32,
  int8,
  nullableString,
  string,
  struct,
  uuid,
  type ValueOf,
} from '../codec/fields.ts'
import { describeClassicGroup } from './15-describe-classic-groups.ts'
import { described } from './answers.ts'
import { eachGroup } from './each-group.ts'
import type { WireHandler } from './handler.ts'

const assignment = struct({
  topicPartitions: array(struct({ topicId: uuid, topic: string, partitions: array(int32) })),
})

/** ConsumerGroupDescribe (API key 69, KIP-848). */
export const consumerGroupDescribeApi = defineApi({
  key: 69,
  name: 'ConsumerGroupDescribe',
  version: 1,
  request: struct({ groupIds: array(string), includeAuthorizedOperations: boolean }),
  response: struct({
    throttleTimeMs: int32,
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString,
        groupId: string,
        groupState: string,
        groupEpoch: int32,
        assignmentEpoch: int32,
        assignorName: string,
        members: array(
          struct({
            memberId: string,
            instanceId: nullableString,
            rackId: nullableString,
            memberEpoch: int32,
            clientId: string,
            clientHost: string,
            subscribedTopicNames: array(string),
            subscribedTopicRegex: nullableString,
            assignment,
            targetAssignment: assignment,
            memberType: int8,
          }),
        ),
        authorizedOperations: int32,
      }),
    ),
  }),
})

type Group = DescribeGroupsResponse['groups'][number]

const notFound = codeOf('GROUP_ID_NOT_FOUND')

/** Groups of other clients, whose members assign by themselves, are described as far as they can be. */
export const sendDescribeGroups: WireHandler<typeof describeGroups> = async (cluster, { groupIds }, call) => {
  const { throttleTimeMs, answers } = await eachGroup<Group>(
    cluster,
    'group',
    groupIds,
    call,
    async (nodeId, groupId) => {
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      const response = await cluster.ask(nodeId, consumerGroupDescribeApi, request, call, { lane: 'coordinators' })
      const group = response.groups[0]
      if (group?.errorCode === notFound) return describeClassicGroup(cluster, nodeId, groupId, call)
      return { throttleTimeMs: response.throttleTimeMs, answer: group && describedGroup(group) }
    },
    (groupId, error) => unknownGroup(groupId, error),
  )
  return { throttleTimeMs, groups: answers }
}

/** What is said of a group that there is nothing to say of. */
function unknownGroup(groupId: string, error: Pick<Group, 'errorCode' | 'errorMessage'>): Group {
  return { ...error, groupId, groupState: 'Dead', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] }
}

function describedGroup(group: ValueOf<typeof consumerGroupDescribeApi.response>['groups'][number]): Group {
  const { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members } = group
  return {
    ...described(errorCode, errorMessage),
    groupId,
    groupState,
    groupEpoch,
    assignmentEpoch,
    assignorName,
    members: members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      rackId: member.rackId,
      memberEpoch: member.memberEpoch,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: member.subscribedTopicNames,
      subscribedTopicRegex: member.subscribedTopicRegex,
      assignment: byName(member.assignment),
      targetAssignment: byName(member.targetAssignment),
    })),
  }
}

function byName({ topicPartitions }: ValueOf<typeof assignment>): Group['members'][number]['assignment'] {
  return topicPartitions.map(({ topic, topicId, partitions }) => ({ topic, topicId, partitions }))
}
