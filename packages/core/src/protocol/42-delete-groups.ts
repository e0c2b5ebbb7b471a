import * as schema from '../schema/schema.ts'
import { errorFields, throttleTimeMs } from './fields.ts'
import { defineOperation, type RequestIn, type ResponseIn } from './operation.ts'

/** The form of the request and the response, checked where they enter. */
export const deleteGroupsSchemas = () => ({
  request: schema.object({ groups: schema.array(schema.string()) }),
  response: schema.object({
    throttleTimeMs: throttleTimeMs(),
    results: schema.array(schema.object({ groupId: schema.string(), ...errorFields() })),
  }),
  needs: [['delete', 'group', 'groups']] as const,
})

/** DeleteGroups (API key 42): removes groups without members, together with their committed offsets. */
export const deleteGroups = /* @__PURE__ */ defineOperation<DeleteGroupsRequest, DeleteGroupsResponse>({
  apiKey: 42,
  name: 'deleteGroups',
  path: '/v1/admin/delete-groups',
  elements: { asked: 'groups', answered: 'results', isReadOnly: false },
  repeatable: () => false,
})

export type DeleteGroupsRequest = RequestIn<typeof deleteGroupsSchemas>
export type DeleteGroupsResponse = ResponseIn<typeof deleteGroupsSchemas>
