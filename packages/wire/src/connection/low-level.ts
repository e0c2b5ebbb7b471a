import type * as Library from '@platformatic/kafka'

/**
 * What is used of @platformatic/kafka: sockets with TLS, the correlation of requests and answers, and the exchanges of
 * SASL. It is loaded with the first connection, because it brings a whole client with it, which takes long.
 */
export type LowLevel = Pick<
  typeof Library,
  'Connection' | 'Writer' | 'AuthenticationError' | 'TimeoutError' | 'saslOAuthBearer' | 'saslPlain' | 'saslScramSha'
>

let loading: Promise<LowLevel> | undefined

export function lowLevel(): Promise<LowLevel> {
  loading ??= import('@platformatic/kafka')
  return loading
}
