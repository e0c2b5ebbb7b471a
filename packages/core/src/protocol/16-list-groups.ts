import * as schema from '../schema/schema.ts'
import { throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const listGroupsSchemas = () => ({
  request: schema.object({ statesFilter: schema.array(schema.string()), typesFilter: schema.array(schema.string()) }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    groups: schema.array(
      schema.object({
        groupId: schema.string(),
        protocolType: schema.string(),
        groupState: schema.string(),
        groupType: schema.string(),
      }),
    ),
  }),
})

/** ListGroups (API key 16): every group, or those in the states and of the types named (an empty list means all). */
export const listGroups = /* @__PURE__ */ defineOperation<ListGroupsRequest, ListGroupsResponse>({
  apiKey: 16,
  name: 'listGroups',
  path: '/v1/admin/list-groups',
})

export type ListGroupsRequest = RequestIn<typeof listGroupsSchemas>
export type ListGroupsResponse = ResponseIn<typeof listGroupsSchemas>
