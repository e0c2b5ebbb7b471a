import type { Transport } from '@kafkado/core'
import { createStreamsBuilder, type Startable, type StreamsBuilder } from '@kafkado/streams'
import { type Topology, topologyToRun } from '@kafkado/streams/internal'

/** A driver runs topologies by itself. */
const nowhere: Transport = {
  send: () => Promise.reject(new Error('a test driver sends nothing')),
  close: () => Promise.resolve(),
}

/** The topology that is described, or that a function describes. */
export function built(topology: Startable | ((s: StreamsBuilder) => unknown)): Topology {
  if (typeof topology !== 'function') return topologyToRun(topology)
  const s = createStreamsBuilder(nowhere)
  topology(s)
  return topologyToRun(s)
}
