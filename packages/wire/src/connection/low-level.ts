import { KafkaError } from '@kafkado/core'
import { requireOptional } from '@kafkado/core/internal/node'
import type * as Library from '@platformatic/kafka'

/**
 * What is used of @platformatic/kafka: sockets with TLS, the correlation of requests and answers, and the exchanges of
 * SASL. It is loaded with the first connection, because it brings a whole client with it, which takes long.
 */
export type LowLevel = Pick<
  typeof Library,
  'Connection' | 'Writer' | 'AuthenticationError' | 'TimeoutError' | 'saslOAuthBearer' | 'saslPlain' | 'saslScramSha'
>

const library = '@platformatic/kafka'

/**
 * Bundlers do not follow it: esbuild would leave its WebAssembly file behind, and Turbopack refuses the native module
 * that it brings along, so that no route that imports kafkado could be built. A bundle finds it in `node_modules`.
 *
 * @throws KafkaError LIBRARY_NOT_LOADED when it is not installed there
 */
export function lowLevel(load: () => unknown = () => requireOptional(library, import.meta.url)): LowLevel {
  try {
    return load() as LowLevel
  } catch (cause) {
    throw new KafkaError(
      `connections to Apache Kafka need the package '${library}', which could not be loaded: install it beside the ` +
        'application or its bundle',
      { code: 'LIBRARY_NOT_LOADED', outcome: 'failed', cause },
    )
  }
}
