import type { Serde } from '@kafkado/core'
import type { Graph } from '../graph/graph.ts'
import type { GraphNode, ProcessorNode } from '../graph/graph-node.ts'
import type { BuildGetter } from '../processors/table-source.ts'
import type { Olds } from '../processors/olds.ts'
import type { StateOptions } from './types.ts'

/** The place of a stream in the graph, and the facts about its records. */
export interface StreamParts {
  readonly graph: Graph
  readonly node: GraphNode
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  /** The sources of the stream, for the names of its state. */
  readonly lineage: string
  /** Describes its key, for the names of its state; undefined while it is the key of the source. */
  readonly keyLabel: string | undefined
  /** Whether the key may have changed since the records were last partitioned by key. */
  readonly isRekeyed: boolean
}

export interface TableParts extends Omit<StreamParts, 'keyLabel' | 'isRekeyed'> {
  readonly node: ProcessorNode
  /** How another operator of the same task looks up a row; undefined if no store keeps it. */
  readonly getter: BuildGetter | undefined
  /** Whether each change comes with the key's former value. */
  readonly hasOld: boolean
  /** Whether a filter may rely on former values. */
  readonly olds: Olds
  /** How long after its end a window of its keys may still change; Infinity if it may always change. */
  readonly openMs?: number | undefined
  /** The store for queries, if there is one. */
  readonly store: string | undefined
}

/** Names a state: by the given name, or by one that stays the same as long as source, key and operator do. */
export function stateName(
  { graph, lineage, keyLabel }: Pick<StreamParts, 'graph' | 'lineage' | 'keyLabel'>,
  operator: string,
  given?: string | StateOptions<unknown>,
): string {
  const name = typeof given === 'object' ? given.name : given
  if (name !== undefined) return name
  return graph.whole.uniqueName(`${lineage}${keyLabel === undefined ? '' : `-by-${keyLabel}`}-${operator}`)
}
