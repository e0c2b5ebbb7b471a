import { defineApi } from '../api.ts'
import { array, int16, string, struct } from '../fields/fields.ts'

/** SaslHandshake (API key 17): which mechanism a connection says by who it is. */
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
