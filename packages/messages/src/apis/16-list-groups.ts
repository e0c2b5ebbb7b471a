import { defineApi } from '../api.ts'
import { array, field, int16, int32, string, struct } from '../fields/fields.ts'

/** ListGroups (API key 16): the groups that the broker coordinates. Version 4 has states, 5 has types. */
export const listGroups = defineApi({
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexibleSince: 3,
  request: struct({
    statesFilter: field(array(string), { since: 4 }),
    typesFilter: field(array(string), { since: 5 }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { since: 1, ignorable: true }),
    errorCode: int16,
    groups: array(
      struct({
        groupId: string,
        protocolType: string,
        groupState: field(string, { since: 4, ignorable: true }),
        groupType: field(string, { since: 5, ignorable: true }),
      }),
    ),
  }),
})
