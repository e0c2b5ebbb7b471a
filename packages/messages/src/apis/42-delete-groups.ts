import { defineApi } from '../api.ts'
import { array, int16, int32, string, struct } from '../fields/fields.ts'

/** DeleteGroups (API key 42). */
export const deleteGroups = defineApi({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleSince: 2,
  request: struct({
    groups: array(string),
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(
      struct({
        groupId: string,
        errorCode: int16,
      }),
    ),
  }),
})
