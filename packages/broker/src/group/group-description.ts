import type { DescribeGroupsResponse } from '@kafkado/core/protocol'
import type { ConsumerGroup } from './consumer-group.ts'
import type { GroupTopics } from './group-topics.ts'

/** A group for administrators. */
export type GroupDescription = Omit<DescribeGroupsResponse['groups'][number], 'errorCode' | 'errorMessage'>

export function describeGroup(group: ConsumerGroup, groupState: string, topics: GroupTopics): GroupDescription {
  const { groupEpoch, assignmentEpoch, assignorName } = group.state
  const members = [...group.members].map(([memberId, { description, current, target }]) => ({
    memberId,
    instanceId: description.instanceId,
    rackId: description.rackId,
    memberEpoch: current.memberEpoch,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: [...description.subscribedTopicNames],
    subscribedTopicRegex: description.subscribedTopicRegex,
    assignment: topics.topicPartitions(current.assigned.keys()),
    targetAssignment: topics.topicPartitions(target),
  }))
  return { groupId: group.groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members }
}
