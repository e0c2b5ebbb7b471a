import { InvalidRequestError } from '@kafkado/core'
import type { GivenTopology } from '../app/start-streams.ts'
import { StreamsBuilder } from './streams-builder.ts'
import { Graph } from '../graph/graph.ts'
import { topologyOf } from '../graph/topology.ts'

/**
 * Returns the topology that a module builds.
 *
 * @throws InvalidRequestError when the module's default export is not a function
 */
export async function topologyOfModule(module: URL): Promise<GivenTopology> {
  // The module is the user's and part of the user's bundle. Our bundler must not look for it here.
  const exported = (await import(
    /* webpackIgnore: true */ /* @vite-ignore */ /* turbopackIgnore: true */ module.href
  )) as { default?: unknown; onError?: unknown }
  if (typeof exported.default !== 'function')
    throw new InvalidRequestError(
      `${module.href} must export a function as default that builds the topology: ` +
        "export default (s) => s.stream('orders')…",
    )
  const graph = new Graph()
  const builder = new StreamsBuilder(
    () => Promise.reject(new InvalidRequestError(`${module.href} must only build the topology, without starting it`)),
    {},
    graph,
  )
  await (exported.default as (s: StreamsBuilder) => unknown)(builder)
  return { topology: topologyOf(graph), onError: exported.onError }
}
