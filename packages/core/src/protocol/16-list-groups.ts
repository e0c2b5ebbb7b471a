import * as z from 'zod/mini'
import { throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of what is asked and answered, checked where it enters. */
export const listGroupsSchemas = () => ({
  request: z.object({ statesFilter: z.array(z.string()), typesFilter: z.array(z.string()) }),
  response: z.object({
    throttleTimeMs: throttleTimeMs(),
    groups: z.array(
      z.object({ groupId: z.string(), protocolType: z.string(), groupState: z.string(), groupType: z.string() }),
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
