import type { StreamsApp } from '../app/streams-app.ts'
import type { StreamsOptions } from '../settings/streams-options.ts'
import type { TopologyDescription } from '../graph/describe.ts'
import type { Topology } from '../graph/topology.ts'

/** A complete topology, ready to run. Terminal operators return one. */
export interface Startable {
  /**
   * Runs the topology. Resolves when the application is a member of its group; restoring state continues meanwhile, see
   * `on('restore')`.
   *
   * @throws InvalidRequestError when the topology or an option is not valid, or state of the last start would be lost
   */
  start(options?: StreamsOptions): Promise<StreamsApp>
  /** Describes the topology as a string and a Mermaid diagram. */
  describe(): TopologyDescription
  /** Lists each internal topic and why it exists. */
  explain(options?: { application?: string }): string
  /** @internal see {@link topologyToRun} */
  topology(): Topology
}

/** Returns the topology itself, for other ways to run it, such as a test driver. */
export function topologyToRun(startable: Startable): Topology {
  return startable.topology()
}
