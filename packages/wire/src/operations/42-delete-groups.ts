import type { deleteGroups } from '@kafkado/core'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, string, struct } from '../codec/fields.ts'
import { described } from './answers.ts'
import { eachGroup } from './each-group.ts'
import type { WireHandler } from './handler.ts'

/** DeleteGroups (API key 42). */
export const deleteGroupsApi = defineApi({
  key: 42,
  name: 'DeleteGroups',
  version: 2,
  request: struct({ groups: array(string) }),
  response: struct({ throttleTimeMs: int32, results: array(struct({ groupId: string, errorCode: int16 })) }),
})

export const sendDeleteGroups: WireHandler<typeof deleteGroups> = async (cluster, { groups }, call) => {
  const { throttleTimeMs, answers } = await eachGroup(
    cluster,
    'group',
    groups,
    call,
    async (nodeId, groupId) => {
      const response = await cluster.ask(nodeId, deleteGroupsApi, { groups: [groupId] }, call, { lane: 'coordinators' })
      return { throttleTimeMs: response.throttleTimeMs, answer: response.results[0] }
    },
    (groupId, error) => ({ groupId, ...error }),
  )
  return { throttleTimeMs, results: answers.map(({ groupId, errorCode }) => ({ groupId, ...described(errorCode) })) }
}
