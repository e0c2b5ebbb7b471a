import type { Transport } from '@kafkado/core'
import { StreamsBuilder } from './dsl/streams-builder.ts'
import type { StreamsOptions } from './runtime/streams-options.ts'

/**
 * Makes a builder for topologies over a transport.
 *
 * @param transport carries out the requests; it stays open when the application is closed
 * @param options the defaults of `start()`
 */
export function createStreamsBuilder(transport: Transport, options: StreamsOptions = {}): StreamsBuilder {
  return new StreamsBuilder(async (graph, chosen) => {
    const { startStreams } = await import('./runtime/start-streams.ts')
    return startStreams(transport, graph, chosen)
  }, options)
}
