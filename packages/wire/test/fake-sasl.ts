import { defineApi } from '../src/codec/api.ts'
import { array, bytes, int16, int64, nullableString, string, struct } from '../src/codec/fields.ts'
import type { FakeBroker } from './fake-broker.ts'

/** SaslHandshake (API key 17), which has no flexible version. */
export const saslHandshakeApi = defineApi({
  key: 17,
  name: 'SaslHandshake',
  version: 1,
  isFlexible: false,
  request: struct({ mechanism: string }),
  response: struct({ errorCode: int16, mechanisms: array(string) }),
})

/** SaslAuthenticate (API key 36). */
export const saslAuthenticateApi = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  version: 2,
  request: struct({ authBytes: bytes }),
  response: struct({ errorCode: int16, errorMessage: nullableString, authBytes: bytes, sessionLifetimeMs: int64 }),
})

const saslAuthenticationFailed = 58

/** Makes a broker ask for a name and a password, by the mechanism PLAIN. @param lifetimeMs how long a connection may be used then; 0 for ever */
export function askForPassword(broker: FakeBroker, expected: string, lifetimeMs = 0): void {
  broker
    .learn(saslHandshakeApi)
    .learn(saslAuthenticateApi)
    .always(saslHandshakeApi, ({ mechanism }) => ({
      errorCode: mechanism === 'PLAIN' ? 0 : 33,
      mechanisms: ['PLAIN'],
    }))
    .always(saslAuthenticateApi, ({ authBytes }) => {
      const isRight = Buffer.from(authBytes).toString() === expected
      return {
        errorCode: isRight ? 0 : saslAuthenticationFailed,
        errorMessage: isRight ? null : 'Authentication failed: Invalid username or password',
        authBytes: new Uint8Array(0),
        sessionLifetimeMs: lifetimeMs,
      }
    })
}
