import type { Olds } from '../processors/olds.ts'
import type { BuildGetter } from '../processors/table-source.ts'
import type { ProcessorNode } from './graph-node.ts'

/** How a table changes when its rows are kept separately. */
export interface KeptRows {
  readonly node: ProcessorNode
  readonly hasOld: boolean
  readonly olds: Olds
  readonly store: string | undefined
  readonly getter: BuildGetter
}
