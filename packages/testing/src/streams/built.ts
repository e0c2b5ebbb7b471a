import type { Transport } from '@kafkado/core'
import { createStreamsBuilder, type Startable, type StreamsBuilder } from '@kafkado/streams'
import { type Topology, topologyToRun } from '@kafkado/streams/internal'

/** A driver runs topologies without a transport. */
const nowhere: Transport = {
  send: () => Promise.reject(new Error('a test driver sends nothing')),
  close: () => Promise.resolve(),
}

/** The given topology, or the one that a function builds. */
export function built(topology: Startable | ((s: StreamsBuilder) => unknown)): Topology {
  if (typeof topology !== 'function') return topologyToRun(topology)
  const s = createStreamsBuilder(nowhere)
  topology(s)
  return topologyToRun(s)
}
