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
let loading: Promise<LowLevel> | undefined

export function lowLevel(): Promise<LowLevel> {
  loading ??= bundledOrInstalled(
    () => import('@platformatic/kafka'),
    () => requireOptional(library, import.meta.url) as LowLevel,
  )
  return loading
}

/**
 * The library reads a WebAssembly file when it loads. A bundler that leaves this file behind, as esbuild does, makes an
 * unusable copy. Then use the package that is installed beside the bundle.
 */
export async function bundledOrInstalled<Loaded>(
  bundled: () => Promise<Loaded>,
  installed: () => Loaded,
): Promise<Loaded> {
  try {
    return await bundled()
  } catch (cause) {
    try {
      return installed()
    } catch {
      throw new KafkaError(
        `connections to Apache Kafka need the package '${library}', which could not be loaded: install it beside the ` +
          'bundle, as a bundler may leave its WebAssembly file behind',
        { code: 'LIBRARY_NOT_LOADED', outcome: 'failed', cause },
      )
    }
  }
}
