import type { BuildProcessor } from '../processors/processor.ts'
import { type BuildGetter, storeGetter, tableSourceProcessor } from '../processors/table-source.ts'
import type { StoreDefinition, StoreKind } from '../state/store-definition.ts'
import type { StreamParts, TableParts } from './parts.ts'

interface StoreChoice {
  readonly name: string
  readonly purpose: string
  readonly kind?: StoreKind
  readonly retentionMs?: number
  readonly windowSizeMs?: number
  readonly isLogged?: boolean
}

/** A store for keys and values as a stream writes them. */
export function storeOf(
  { graph, key, value }: Pick<StreamParts, 'graph' | 'key' | 'value'>,
  choice: StoreChoice,
): StoreDefinition {
  return graph.whole.store({
    kind: 'key-value',
    retentionMs: 0,
    windowSizeMs: 0,
    isLogged: true,
    keySerde: key,
    valueSerde: value,
    ...choice,
  })
}

/** A table of the last value of each key. */
export function tableOf(parts: StreamParts, operator: string, name: string, purpose: string): TableParts {
  const store = storeOf(parts, { name, purpose })
  const build = tableSourceProcessor(name)
  const { dsl, graph, key, value, lineage } = parts
  const node = graph.whole.processor({ operator, inputs: [parts.node], stores: [store], build })
  return { dsl, graph, key, value, lineage, node, getter: storeGetter(name), hasOld: true, store: name }
}

/** The table with a store of its own, for what needs to look up its rows or to know what they were. */
export function materialized(table: TableParts): TableParts & { getter: BuildGetter; store: string } {
  if (table.getter && table.hasOld) return table as TableParts & { getter: BuildGetter; store: string }
  const { graph, lineage } = table
  const name = graph.whole.uniqueName(`${lineage}-rows`)
  const store = storeOf(table, { name, purpose: `the rows of a table of ${lineage} that are looked up` })
  const build: BuildProcessor = tableSourceProcessor(name)
  const node = graph.whole.processor({ operator: 'materialize', inputs: [table.node], stores: [store], build })
  return { ...table, node, getter: storeGetter(name), hasOld: true, store: name }
}
