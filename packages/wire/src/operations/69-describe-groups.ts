import { codeOf, describeGroups } from '@kafkado/core'
import type { DescribeGroupsResponse } from '@kafkado/core/protocol'
import { described, unknownGroup } from '@kafkado/core/internal/answers'
import * as messages from '@kafkado/messages'
import { describeClassicGroup } from './15-describe-classic-groups.ts'
import { eachGroup } from './each-group.ts'
import { handles } from './handler.ts'

/** ConsumerGroupDescribe (API key 69, KIP-848). */
export const consumerGroupDescribeApi = messages.consumerGroupDescribe.at(1)

type DescribedGroup = ReturnType<typeof consumerGroupDescribeApi.response.read>['groups'][number]
type Group = DescribeGroupsResponse['groups'][number]

const notFound = codeOf('GROUP_ID_NOT_FOUND')

/** Classic groups, whose members assign partitions by themselves, are described as far as possible. */
export const describeGroupsHandler = handles(describeGroups, async (cluster, { groupIds }, call) => {
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
    unknownGroup,
  )
  return { throttleTimeMs, groups: answers }
})

function describedGroup(group: DescribedGroup): Group {
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

function byName({
  topicPartitions,
}: DescribedGroup['members'][number]['assignment']): Group['members'][number]['assignment'] {
  return topicPartitions.map(({ topic, topicId, partitions }) => ({ topic, topicId, partitions }))
}
