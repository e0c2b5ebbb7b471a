import { defineApi } from '../api.ts'
import { bytes, field, int16, int64, nullable, string, struct } from '../fields/fields.ts'

/** SaslAuthenticate (API key 36): one step of an authentication. */
export const saslAuthenticate = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleSince: 2,
  request: struct({
    authBytes: bytes,
  }),
  response: struct({
    errorCode: int16,
    errorMessage: nullable(string),
    authBytes: bytes,
    sessionLifetimeMs: field(int64, { since: 1, default: 0, ignorable: true }),
  }),
})
