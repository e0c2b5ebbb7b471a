import type { Transport } from '@kafkado/core'
import { StreamsBuilder } from './dsl/streams-builder.ts'
import { topologyOf } from './graph/topology.ts'
import type { StreamsApp } from './app/streams-app.ts'
import type { StreamsOptions } from './settings/streams-options.ts'

/**
 * Makes a builder for topologies over a transport.
 *
 * @param transport carries out the requests; closing the application leaves it open
 * @param options the defaults of `start()`
 * @param onStarted called with each started application
 */
export function createStreamsBuilder(
  transport: Transport,
  options: StreamsOptions = {},
  onStarted: (app: StreamsApp) => void = () => undefined,
): StreamsBuilder {
  return new StreamsBuilder(async (graph, chosen) => {
    const { startStreams } = await import('./app/start-streams.ts')
    const app = await startStreams(transport, chosen, async (module) =>
      module ? (await import('./dsl/module-topology.ts')).topologyOfModule(module) : { topology: topologyOf(graph) },
    )
    onStarted(app)
    return app
  }, options)
}
