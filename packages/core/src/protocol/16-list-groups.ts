import * as z from 'zod/mini'
import { throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** ListGroups (API key 16): every group, or those in the states and of the types named (an empty list means all). */
export const listGroups = /* @__PURE__ */ defineOperation({
  apiKey: 16,
  name: 'listGroups',
  path: '/v1/admin/list-groups',
  request: /* @__PURE__ */ z.object({ statesFilter: z.array(z.string()), typesFilter: z.array(z.string()) }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    groups: z.array(
      z.object({ groupId: z.string(), protocolType: z.string(), groupState: z.string(), groupType: z.string() }),
    ),
  }),
})

export type ListGroupsRequest = RequestOf<typeof listGroups>
export type ListGroupsResponse = ResponseOf<typeof listGroups>
