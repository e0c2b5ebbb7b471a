import type { SASLCustomAuthenticator, SASLOptions } from '@platformatic/kafka'
import type { SaslOptions } from '../wire-options.ts'
import type { LowLevel } from './low-level.ts'

type Api = Parameters<SASLCustomAuthenticator>[2]

/**
 * The exchange with a broker by which a connection says who it is. The broker tells how long that holds (KIP-368); saying it again on a
 * connection in use would come in between other requests, which the broker refuses, so such a connection is replaced in time.
 */
export function saslExchange(
  { AuthenticationError, saslPlain, saslOAuthBearer, saslScramSha }: LowLevel,
  sasl: SaslOptions,
  onLifetime: (lifetimeMs: number) => void,
): SASLOptions {
  const authenticate: SASLCustomAuthenticator = (mechanism, connection, api, username, password, token, callback) => {
    const done: typeof callback = Object.assign((error: Error | null, response?: Parameters<typeof callback>[1]) => {
      const refusal = response && mechanism === 'OAUTHBEARER' ? tokenRefusal(response.authBytes) : undefined
      if (refusal !== undefined) {
        callback(new AuthenticationError(refusal))
        return
      }
      if (response && response.sessionLifetimeMs > 0n) onLifetime(Number(response.sessionLifetimeMs))
      callback(error, response && { ...response, sessionLifetimeMs: 0n })
    }, callback)
    const extensions = sasl.mechanism === 'OAUTHBEARER' ? (sasl.extensions ?? {}) : {}
    if (mechanism === 'OAUTHBEARER') saslOAuthBearer.authenticate(api, connection, token ?? '', extensions, done)
    else if (mechanism === 'PLAIN') saslPlain.authenticate(api, connection, username ?? '', password ?? '', done)
    else {
      const algorithm = mechanism === 'SCRAM-SHA-512' ? 'SHA-512' : 'SHA-256'
      const { authenticate: scram, defaultCrypto } = saslScramSha
      const refuse = (problem: Error): void => done(new AuthenticationError(notScram, { cause: problem }))
      scram(guarded(api, refuse), connection, algorithm, username ?? '', password ?? '', defaultCrypto, done)
    }
  }
  return sasl.mechanism === 'OAUTHBEARER'
    ? { mechanism: sasl.mechanism, token: sasl.token, authenticate }
    : { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password, authenticate }
}

const notScram = 'what the broker answered is no message of SCRAM'

/** The library reads an answer of SCRAM where nobody catches what that throws: one that is malformed would end the process. */
function guarded(api: Api, refuse: (problem: Error) => void): Api {
  const asking = (...[connection, bytes, answered]: Parameters<Api>): ReturnType<Api> => {
    const read: typeof answered = (error, response) => {
      try {
        answered?.(error, response)
      } catch (problem) {
        refuse(problem as Error)
      }
    }
    return api(connection, bytes, Object.assign(read, answered))
  }
  return Object.assign(asking, api)
}

/** A broker that does not take a token answers without an error code, and says why as JSON (RFC 7628, 3.2.2). */
function tokenRefusal(answer: Uint8Array): string | undefined {
  if (answer.length === 0) return undefined
  const text = new TextDecoder().decode(answer)
  try {
    const { status } = JSON.parse(text) as { status?: unknown }
    return `the token is not taken: ${String(status)}`
  } catch {
    return `the token is not taken: ${text}`
  }
}
