import { listGroups } from '@kafkado/core'
import { throwRefusal } from '../cluster/cluster.ts'
import * as messages from '@kafkado/messages'
import { handles } from './handler.ts'

/** ListGroups (API key 16). Each broker lists the groups that it coordinates. */
export const listGroupsApi = messages.listGroups.at(5)

export const listGroupsHandler = handles(listGroups, (cluster, request, call) =>
  call.retrying(async () => {
    const answers = await cluster.askAll(listGroupsApi, request, call)
    for (const { errorCode } of answers) throwRefusal(errorCode)
    return {
      throttleTimeMs: Math.max(...answers.map(({ throttleTimeMs }) => throttleTimeMs)),
      groups: answers.flatMap(({ groups }) => groups),
    }
  }),
)
