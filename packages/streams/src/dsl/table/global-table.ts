import type { GlobalTableNode } from '../../graph/graph-node.ts'
import type { Graph } from '../../graph/graph.ts'

/** A topic that every member of the application holds as a whole. It can be joined by any key. Kafka: GlobalKTable. */
export class GlobalTable<in out K, in out V> {
  /** @internal */
  readonly parts: { readonly global: GlobalTableNode; readonly graph: Graph }
  declare readonly types: { key: K; value: V }

  /** @internal it comes from StreamsBuilder.globalTable */
  constructor(graph: Graph, global: GlobalTableNode) {
    this.parts = { graph, global }
  }
}
