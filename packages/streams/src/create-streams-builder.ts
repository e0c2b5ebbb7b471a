import type { Transport } from '@kafkado/core'
import { StreamsBuilder } from './dsl/streams-builder.ts'
import { topologyOf } from './graph/topology.ts'
import type { GivenTopology } from './app/start-streams.ts'
import type { StreamsApp } from './app/streams-app.ts'
import type { StreamsOptions } from './settings/streams-options.ts'

/**
 * Makes a builder for topologies over a transport.
 *
 * @param transport carries out the requests; closing the application leaves it open
 * @param options the defaults of `start()`
 * @param onMade called with each application, before it starts
 */
export function createStreamsBuilder(
  transport: Transport,
  options: StreamsOptions = {},
  onMade: (app: StreamsApp) => void = () => undefined,
): StreamsBuilder {
  return new StreamsBuilder(async (graph, chosen) => {
    const { startStreams } = await import('./app/start-streams.ts')
    const given = async (module: URL | undefined): Promise<GivenTopology> =>
      module ? (await import('./dsl/module-topology.ts')).topologyOfModule(module) : { topology: topologyOf(graph) }
    return startStreams(transport, chosen, given, onMade)
  }, options)
}
