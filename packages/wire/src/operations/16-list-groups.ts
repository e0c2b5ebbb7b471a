import type { listGroups } from '@kafkado/core'
import { throwRefusal } from '../cluster/cluster.ts'
import { defineApi } from '../codec/api.ts'
import { array, int16, int32, string, struct } from '../codec/fields.ts'
import type { WireHandler } from './handler.ts'

/** ListGroups (API key 16). Each broker lists the groups that it coordinates. */
export const listGroupsApi = defineApi({
  key: 16,
  name: 'ListGroups',
  version: 5,
  request: struct({ statesFilter: array(string), typesFilter: array(string) }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    groups: array(struct({ groupId: string, protocolType: string, groupState: string, groupType: string })),
  }),
})

export const sendListGroups: WireHandler<typeof listGroups> = (cluster, request, call) =>
  call.retrying(async () => {
    const answers = await cluster.askAll(listGroupsApi, request, call)
    for (const { errorCode } of answers) throwRefusal(errorCode)
    return {
      throttleTimeMs: Math.max(...answers.map(({ throttleTimeMs }) => throttleTimeMs)),
      groups: answers.flatMap(({ groups }) => groups),
    }
  })
