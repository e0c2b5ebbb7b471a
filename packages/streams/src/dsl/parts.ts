import type { Serde } from '@kafkado/core'
import type { Graph } from '../graph/graph.ts'
import type { GraphNode, ProcessorNode } from '../graph/graph-node.ts'
import type { BuildGetter } from '../processors/table-source.ts'
import type { Olds } from '../processors/olds.ts'
import type { StateOptions } from './types.ts'

/** Where a stream is in the graph, and what is known of its records. */
export interface StreamParts {
  readonly graph: Graph
  readonly node: GraphNode
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  /** The sources that it comes from, for the names of its state. */
  readonly lineage: string
  /** What its key is, for the names of its state; undefined while it is the key of the source. */
  readonly keyLabel: string | undefined
  /** Whether the key may have changed since the records were last in the partition of their key. */
  readonly isRekeyed: boolean
}

export interface TableParts extends Omit<StreamParts, 'keyLabel' | 'isRekeyed'> {
  readonly node: ProcessorNode
  /** How another operator of the same task looks up a row; undefined where nothing keeps it. */
  readonly getter: BuildGetter | undefined
  /** Whether what a key had before comes along with what changes. */
  readonly hasOld: boolean
  /** Whether a filter may rely on it. */
  readonly olds: Olds
  /**
   * How long after its end a window of its keys may still change, where they are windows; Infinity where that is never
   * over.
   */
  readonly openMs?: number | undefined
  /** The store that queries may ask, where there is one. */
  readonly store: string | undefined
}

/** The name of a state: the one that was given, or one that is the same as long as source, key and operator are. */
export function stateName(
  { graph, lineage, keyLabel }: Pick<StreamParts, 'graph' | 'lineage' | 'keyLabel'>,
  operator: string,
  given?: string | StateOptions<unknown>,
): string {
  const name = typeof given === 'object' ? given.name : given
  if (name !== undefined) return name
  return graph.whole.uniqueName(`${lineage}${keyLabel === undefined ? '' : `-by-${keyLabel}`}-${operator}`)
}
