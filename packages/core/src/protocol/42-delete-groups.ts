import * as z from 'zod/mini'
import { errorCode, errorMessage, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestOf, type ResponseOf } from './operation.ts'

/** DeleteGroups (API key 42): removes groups that have no members, with what they committed. */
export const deleteGroups = /* @__PURE__ */ defineOperation({
  apiKey: 42,
  name: 'deleteGroups',
  path: '/v1/admin/delete-groups',
  request: /* @__PURE__ */ z.object({ groups: z.array(z.string()) }),
  response: /* @__PURE__ */ z.object({
    throttleTimeMs: throttleTimeMs(),
    results: z.array(z.object({ groupId: z.string(), errorCode: errorCode(), errorMessage: errorMessage() })),
  }),
  repeatable: () => false,
})

export type DeleteGroupsRequest = RequestOf<typeof deleteGroups>
export type DeleteGroupsResponse = ResponseOf<typeof deleteGroups>
