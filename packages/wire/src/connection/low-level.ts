import { KafkaError } from '@kafkado/core'
import { requireOptional } from '@kafkado/core/internal/node'
import type * as Library from '@platformatic/kafka'

/**
 * The parts of @platformatic/kafka that we use: sockets with TLS, the correlation of requests and answers, and the SASL
 * exchanges. It is loaded with the first connection, because it contains a whole client and takes long to load.
 */
export type LowLevel = Pick<
  typeof Library,
  'Connection' | 'Writer' | 'AuthenticationError' | 'TimeoutError' | 'saslOAuthBearer' | 'saslPlain' | 'saslScramSha'
>

const library = '@platformatic/kafka'

/**
 * Loads the package without a literal import, so that bundlers do not follow it: esbuild would leave its WebAssembly
 * file behind, and Turbopack refuses its native module and with it every route that imports kafkado. A bundle finds the
 * package in `node_modules`.
 *
 * @throws KafkaError LIBRARY_NOT_LOADED when it is not installed there
 */
export function lowLevel(load: () => unknown = () => requireOptional(library, import.meta.url)): LowLevel {
  try {
    return load() as LowLevel
  } catch (cause) {
    throw new KafkaError(
      `connections to Apache Kafka need the package '${library}', which could not be loaded: ` +
        'install it beside the application or its bundle',
      { code: 'LIBRARY_NOT_LOADED', outcome: 'failed', cause },
    )
  }
}
