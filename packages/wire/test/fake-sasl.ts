import { saslAuthenticate, saslHandshake } from '@kafkado/messages'
import type { FakeBroker } from './fake-broker.ts'

export const saslHandshakeApi = saslHandshake.at(1)
export const saslAuthenticateApi = saslAuthenticate.at(2)

const saslAuthenticationFailed = 58

/** A broker's answer to one message of an exchange: bytes that continue it, or the reason of a refusal. */
export type SaslAnswer = { readonly bytes: string } | { readonly refusal: string }

/** Makes a broker require authentication by one mechanism. @param lifetimeMs the lifetime of the session; 0 for ever */
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

/**
 * Makes a broker require a name and a password, by the mechanism PLAIN. @param lifetimeMs the lifetime of the session;
 * 0 for ever
 */
export function askForPassword(broker: FakeBroker, expected: string, lifetimeMs = 0): void {
  const refusal = 'Authentication failed: Invalid username or password'
  askBySasl(broker, 'PLAIN', (message) => (message === expected ? { bytes: '' } : { refusal }), lifetimeMs)
}
