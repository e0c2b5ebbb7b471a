import type { BuildProcessor } from '../../processors/processor.ts'
import { type BuildGetter, storeGetter, tableSourceProcessor } from '../../processors/table-source.ts'
import type { StoreDefinition, StoreKind } from '../../state/store-definition.ts'
import { SourceOlds, toldOlds } from '../../processors/olds.ts'
import type { StreamParts, TableParts } from '../parts.ts'

interface StoreChoice {
  readonly name: string
  readonly purpose: string
  readonly kind?: StoreKind
  readonly retentionMs?: number
  readonly windowSizeMs?: number
  readonly isLogged?: boolean
  readonly isCached?: boolean
}

/** A store with the stream's serdes for keys and values. */
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

interface TableChoice {
  readonly name: string
  /** Whether the user gave the name. */
  readonly hasName: boolean
  readonly purpose: string
  readonly isCached: boolean
}

/** A table with the last value of each key. */
export function tableOf(
  parts: StreamParts,
  operator: string,
  { name, hasName, purpose, isCached }: TableChoice,
): TableParts {
  const store = storeOf(parts, { name, purpose, isCached })
  const olds = new SourceOlds(hasName)
  // Kafka Streams keeps, and so caches, tables that have a name or are looked up; other readers get each record.
  const build = tableSourceProcessor(name, () => olds.areTold)
  const { graph, key, value, lineage } = parts
  const given = hasName ? name : undefined
  const node = graph.whole.processor({ operator, name: given, inputs: [parts.node], stores: [store], build })
  return { graph, key, value, lineage, node, getter: storeGetter(name), hasOld: true, olds, store: name }
}

export type MaterializedParts = TableParts & { readonly getter: BuildGetter }

/**
 * The table with its rows at hand, for operators that look them up or need former values: in one store, however many
 * operators need it.
 */
export function materialized(table: TableParts): MaterializedParts {
  table.olds.keep()
  if (table.getter && table.hasOld) return table as MaterializedParts
  const { graph, lineage } = table
  const known = graph.whole.rowsOf.get(table.node)
  if (known) return { ...table, ...known }
  const name = graph.whole.uniqueName(`${lineage}-rows`)
  const store = storeOf(table, { name, purpose: `the rows of a table of ${lineage} that are looked up` })
  const build: BuildProcessor = tableSourceProcessor(name)
  const node = graph.whole.processor({ operator: 'materialize', inputs: [table.node], stores: [store], build })
  const rows = { node, getter: storeGetter(name), hasOld: true, olds: toldOlds, store: name }
  graph.whole.rowsOf.set(table.node, rows)
  return { ...table, ...rows }
}

/** The kept form of the table, if it has one by now. */
export function asKept(table: TableParts): TableParts {
  return { ...table, ...table.graph.whole.rowsOf.get(table.node) }
}
