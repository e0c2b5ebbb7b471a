import { deleteGroups } from '@kafkado/core'
import { described } from '@kafkado/core/internal/answers'
import * as messages from '@kafkado/messages'
import { eachGroup } from './each-group.ts'
import { handles } from './handler.ts'

/** DeleteGroups (API key 42). */
export const deleteGroupsApi = messages.deleteGroups.at(2)

export const deleteGroupsHandler = handles(deleteGroups, async (cluster, { groups }, call) => {
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
})
