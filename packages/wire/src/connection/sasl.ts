import type { SASLCustomAuthenticator, SASLOptions } from '@platformatic/kafka'
import type { SaslOptions } from '../settings/wire-options.ts'
import type { LowLevel } from './low-level.ts'

/**
 * Authenticates a connection to a broker, which answers with the lifetime of the session (KIP-368). The broker refuses
 * to authenticate again between other requests, so a connection is replaced before its session ends.
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
    const asking = guarded(api, AuthenticationError, done)
    const extensions = sasl.mechanism === 'OAUTHBEARER' ? (sasl.extensions ?? {}) : {}
    if (mechanism === 'OAUTHBEARER') saslOAuthBearer.authenticate(asking, connection, token ?? '', extensions, done)
    else if (mechanism === 'PLAIN') saslPlain.authenticate(asking, connection, username ?? '', password ?? '', done)
    else {
      const algorithm = mechanism === 'SCRAM-SHA-512' ? 'SHA-512' : 'SHA-256'
      const { authenticate: scram, defaultCrypto } = saslScramSha
      scram(asking, connection, algorithm, username ?? '', password ?? '', defaultCrypto, done)
    }
  }
  return sasl.mechanism === 'OAUTHBEARER'
    ? { mechanism: sasl.mechanism, token: sasl.token, authenticate }
    : { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password, authenticate }
}

type AuthenticationAPI = Parameters<SASLCustomAuthenticator>[2]

/** Kafka itself allows at most 16,384. Iterations keep a thread busy, and nothing could stop them. */
const mostIterations = 100_000

/**
 * Asks the broker, and ends the exchange when its answer cannot be read. The library throws then, in the handler of a
 * socket, which would end the process.
 */
function guarded(
  api: AuthenticationAPI,
  AuthenticationError: LowLevel['AuthenticationError'],
  done: (error: Error) => void,
): AuthenticationAPI {
  const ask = (...[connection, sent, callback]: Parameters<AuthenticationAPI>): ReturnType<AuthenticationAPI> =>
    api(connection, sent, (error, response) => {
      try {
        const iterations = iterationsIn(response?.authBytes.toString() ?? '')
        if (iterations > mostIterations)
          throw new RangeError(`it asks for ${iterations} iterations; at most ${mostIterations} are allowed`)
        callback?.(error, response)
      } catch (thrown) {
        // JavaScript's message for a missing part would not help, so it is not the cause either.
        const reason = thrown instanceof TypeError ? 'a part of it is missing' : (thrown as Error).message
        done(new AuthenticationError(`the broker's answer cannot be read: ${reason}`))
      }
    })
  return ask as AuthenticationAPI
}

/**
 * Reads the iterations as the library does: the last of several, and any number at the beginning of the string. NaN,
 * which is not too many, when there are none.
 */
function iterationsIn(answer: string): number {
  const parameters = answer.split(',').map((part) => /([^=]+)=([^,]*)/.exec(part))
  return Number.parseInt(parameters.findLast((parameter) => parameter?.[1] === 'i')?.[2] ?? '', 10)
}

/** A broker refuses a token without an error code; the reason is JSON in its answer (RFC 7628, 3.2.2). */
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
