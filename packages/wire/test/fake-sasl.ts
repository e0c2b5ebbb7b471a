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

/** What a broker answers to one message of an exchange: bytes that go on with it, or why it refuses. */
export type SaslAnswer = { readonly bytes: string } | { readonly refusal: string }

/** Makes a broker ask who somebody is, by one mechanism. @param lifetimeMs how long a connection may be used then; 0 for ever */
export function askBySasl(
  broker: FakeBroker,
  mechanism: string,
  answer: (message: string) => SaslAnswer,
  lifetimeMs = 0,
): void {
  broker
    .learn(saslHandshakeApi)
    .learn(saslAuthenticateApi)
    .always(saslHandshakeApi, (request) => ({
      errorCode: request.mechanism === mechanism ? 0 : 33,
      mechanisms: [mechanism],
    }))
    .always(saslAuthenticateApi, ({ authBytes }) => {
      const told = answer(Buffer.from(authBytes).toString())
      const isRefused = 'refusal' in told
      return {
        errorCode: isRefused ? saslAuthenticationFailed : 0,
        errorMessage: isRefused ? told.refusal : null,
        authBytes: Buffer.from(isRefused ? '' : told.bytes),
        sessionLifetimeMs: lifetimeMs,
      }
    })
}

/** Makes a broker ask for a name and a password, by the mechanism PLAIN. @param lifetimeMs how long a connection may be used then; 0 for ever */
export function askForPassword(broker: FakeBroker, expected: string, lifetimeMs = 0): void {
  const refusal = 'Authentication failed: Invalid username or password'
  askBySasl(broker, 'PLAIN', (message) => (message === expected ? { bytes: '' } : { refusal }), lifetimeMs)
}
