import type { Transport } from '@kafkado/core'
import type { Graph } from '../graph/graph.ts'
import type { StreamsApp } from './streams-app.ts'
import type { StreamsOptions } from './streams-options.ts'

export function startStreams(_t: Transport, _g: Graph, _o: StreamsOptions): Promise<StreamsApp> {
  return Promise.reject(new Error('soon'))
}
