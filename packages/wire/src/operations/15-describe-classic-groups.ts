import { codeOf, type DescribeGroupsResponse } from '@kafkado/core'
import type { Call } from '../cluster/call.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { defineApi } from '../codec/api.ts'
import { array, boolean, bytes, type Field, int16, int32, nullableString, string, struct } from '../codec/fields.ts'
import { MalformedResponse, ResponseReader } from '../codec/response-reader.ts'
import { described } from './answers.ts'

/** DescribeGroups (API key 15): groups whose members agree among themselves, as most clients other than Java's still make them. */
export const describeGroupsApi = defineApi({
  key: 15,
  name: 'DescribeGroups',
  version: 6,
  request: struct({ groups: array(string), includeAuthorizedOperations: boolean }),
  response: struct({
    throttleTimeMs: int32,
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString,
        groupId: string,
        groupState: string,
        protocolType: string,
        protocolData: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: nullableString,
            clientId: string,
            clientHost: string,
            memberMetadata: bytes,
            memberAssignment: bytes,
          }),
        ),
        authorizedOperations: int32,
      }),
    ),
  }),
})

/** What consumers put into the bytes that the broker does not look into; the fields of later versions come after these. */
const subscription = struct({ version: int16, topics: array(string) })
const assignment = struct({ version: int16, topics: array(struct({ topic: string, partitions: array(int32) })) })

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
    const owned = (parsed(assignment, content.memberAssignment)?.topics ?? []).map(({ topic, partitions }) => ({
      topic,
      partitions: [...partitions].sort((left, right) => left - right),
    }))
    return {
      memberId,
      instanceId: groupInstanceId,
      rackId: null,
      memberEpoch: -1,
      clientId,
      clientHost,
      subscribedTopicNames: parsed(subscription, content.memberMetadata)?.topics ?? [],
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

/** Undefined where a member has put nothing there, or something of its own. */
function parsed<T>(field: Field<T>, content: Uint8Array): T | undefined {
  try {
    return content.length === 0 ? undefined : field.read(new ResponseReader(content, false))
  } catch (error) {
    if (error instanceof MalformedResponse) return undefined
    throw error
  }
}
