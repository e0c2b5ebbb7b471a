import { defineApi } from '../api.ts'
import { array, int16, string, struct } from '../fields/fields.ts'

/** SaslHandshake (API key 17): chooses the mechanism by which a connection authenticates. */
export const saslHandshake = defineApi({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexibleSince: 'none',
  request: struct({
    mechanism: string,
  }),
  response: struct({
    errorCode: int16,
    mechanisms: array(string),
  }),
})
