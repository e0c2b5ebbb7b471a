import { listGroups } from '@kafkado/core'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** ListGroups (API key 16). Each broker lists the groups that it coordinates. */
export const listGroupsApi = messages.listGroups.at(5)

export const listGroupsHandler = handles(listGroups, (cluster, request, call) =>
  call.retrying(async () => {
    const { throttleTimeMs, answers } = await cluster.askAll(listGroupsApi, request, call)
    return {
      throttleTimeMs,
      groups: answers.flatMap(({ groups }) => groups),
    }
  }),
)
