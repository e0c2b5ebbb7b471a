import type { StreamsApp } from '../app/streams-app.ts'
import type { StreamsOptions } from '../settings/streams-options.ts'
import type { TopologyDescription } from '../graph/describe.ts'
import type { Topology } from '../graph/topology.ts'

/** A topology that is complete and can be run. Terminal operators return one. */
export interface Startable {
  /**
   * Runs it. Resolves when the application is a member of its group; state is restored meanwhile, see `on('restore')`.
   *
   * @throws InvalidRequestError when the topology or an option is not valid, or state of the last start would be lost
   */
  start(options?: StreamsOptions): Promise<StreamsApp>
  /** The topology as it would run: text and a Mermaid diagram. */
  describe(): TopologyDescription
  /** Each internal topic and why it exists. */
  explain(options?: { application?: string }): string
  /** @internal as {@link topologyToRun} says it */
  topology(): Topology
}

/** The topology itself, for those who run it otherwise: a test driver. */
export function topologyToRun(startable: Startable): Topology {
  return startable.topology()
}
