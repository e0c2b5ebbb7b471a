import { FilterOlds, JoinOlds, type Olds, toldOlds } from '../../processors/olds.ts'
import type { BuildProcessor, Forward } from '../../processors/processor.ts'
import { storeGetter, tableSourceProcessor } from '../../processors/table-source.ts'
import type { TableParts } from '../parts.ts'
import { serdeOf } from '../serdes.ts'
import { storeOf } from './table-of.ts'
import type { AnyStateOptions } from '../types.ts'

/**
 * A derived table, with its rows in a store if it was given a name for it. After a filter, removals of rows outside its
 * result are forwarded only as far as an operator asks for them: see {@link Olds}. Kafka: Materialized.as.
 */
export function keptTable(made: TableParts, operator: string, options: AnyStateOptions | undefined): TableParts {
  const table = options?.value === undefined ? made : { ...made, value: serdeOf(options.value) }
  const name = options?.name
  if (name === undefined) return table
  const { graph, lineage } = table
  const purpose = `what ${operator} made of the rows of ${lineage}`
  const store = storeOf(table, { name, purpose, isCached: options?.cache !== false })
  const keep = tableSourceProcessor(name)
  const olds = keptOlds(made.olds)
  const build: BuildProcessor = (context, forward, ...rest) => {
    const tell: Forward = (key, value, timestamp, old) => {
      if (value !== null || old !== null) forward(key, value, timestamp, old)
    }
    return keep(context, olds instanceof KeptFilterOlds && olds.isAsked ? tell : forward, ...rest)
  }
  const node = graph.whole.processor({ operator: 'materialize', inputs: [table.node], stores: [store], build })
  return { ...table, node, getter: storeGetter(name), hasOld: true, olds, store: name }
}

/** What is asked of a join goes on to its tables, as in Kafka Streams, although the store has the former results. */
function keptOlds(made: Olds): Olds {
  if (made instanceof FilterOlds) return new KeptFilterOlds(made)
  return made instanceof JoinOlds ? made : toldOlds
}

/** For a filter whose result is kept: it knows the former rows, and forwards them once an operator asks. */
class KeptFilterOlds implements Olds {
  readonly areTold = true
  isAsked: boolean

  constructor(filter: Olds) {
    this.isAsked = filter.areTold
  }

  ask(): void {
    this.isAsked = true
  }

  keep(): void {}

  learn(): void {
    this.isAsked = true
  }
}
