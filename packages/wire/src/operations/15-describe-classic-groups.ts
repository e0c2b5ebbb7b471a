import { codeOf } from '@kafkado/core'
import type { DescribeGroupsResponse } from '@kafkado/core/protocol'
import { described } from '@kafkado/core/internal/answers'
import type { Call } from '../cluster/call.ts'
import type { Cluster } from '../cluster/cluster.ts'
import * as messages from '@kafkado/messages'

/**
 * DescribeGroups (API key 15): groups of the classic protocol, whose members agree on the assignment among themselves.
 * Most clients other than Java's still use them.
 */
export const describeGroupsApi = messages.describeGroups.at(6)

type Group = DescribeGroupsResponse['groups'][number]

export async function describeClassicGroup(
  cluster: Cluster,
  nodeId: number,
  groupId: string,
  call: Call,
): Promise<{ throttleTimeMs: number; answer: Group | undefined }> {
  const request = { groups: [groupId], includeAuthorizedOperations: false }
  const { throttleTimeMs, groups } = await cluster.ask(nodeId, describeGroupsApi, request, call, {
    lane: 'coordinators',
  })
  const [group] = groups
  if (!group) return { throttleTimeMs, answer: undefined }
  const isMissing = group.errorCode === codeOf('GROUP_ID_NOT_FOUND')
  const members = group.members.map(({ memberId, groupInstanceId, clientId, clientHost, ...content }) => {
    const owned = (parsed(messages.consumerProtocolAssignment, content.memberAssignment)?.topics ?? []).map(
      ({ topic, partitions }) => ({
        topic,
        partitions: [...partitions].sort((left, right) => left - right),
      }),
    )
    return {
      memberId,
      instanceId: groupInstanceId,
      rackId: null,
      memberEpoch: -1,
      clientId,
      clientHost,
      subscribedTopicNames: parsed(messages.consumerProtocolSubscription, content.memberMetadata)?.topics ?? [],
      subscribedTopicRegex: null,
      assignment: owned,
      targetAssignment: owned,
    }
  })
  return {
    throttleTimeMs,
    answer: {
      ...described(group.errorCode, isMissing ? `there is no group '${groupId}'` : group.errorMessage),
      groupId,
      groupState: group.groupState,
      groupEpoch: isMissing ? 0 : -1,
      assignmentEpoch: isMissing ? 0 : -1,
      assignorName: group.protocolData,
      members,
    },
  }
}

/** Undefined if the member has put nothing there, or bytes of another format. */
function parsed<T>(message: messages.Message<T, unknown>, content: Uint8Array): T | undefined {
  try {
    return content.length === 0 ? undefined : message.read(content)
  } catch (error) {
    if (error instanceof messages.MalformedMessage) return undefined
    throw error
  }
}
