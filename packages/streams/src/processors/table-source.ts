import type { KeyValueStore } from '../state/key-value-store.ts'
import type { BuildProcessor, NodeContext } from './processor.ts'
import type { TableRow } from './table-row.ts'
import { tellingRows } from './telling.ts'
import type { UpdateCache } from './update-cache.ts'

/** What a table holds for a key now. */
export type TableGetter = (key: unknown) => TableRow | undefined

/**
 * A row as it is now, or as it was last told: not yet what a cache holds back. What is made of two tables looks up what
 * was told, as each of them tells the rest later; else the same would be told by both, as what was made of a row that
 * nobody has been told of.
 */
export type TableView = 'now' | 'told'

/** Makes the way to read a table within one task. */
export type BuildGetter = (context: NodeContext, view: TableView) => TableGetter

/**
 * Keeps the last value of each key and hands on what changes. The order of the offsets counts, not that of the
 * timestamps.
 *
 * @param mayHoldBack whether changes may go by way of the store's cache; asked when the topology is complete
 */
export function tableSourceProcessor(store: string, mayHoldBack: () => boolean = () => true): BuildProcessor {
  return (context, forward, _late, name) => {
    const rows = context.keyValueStore(store)
    const tell = tellingRows(context, store, name, forward, mayHoldBack())
    return [
      (key, value, timestamp) => {
        context.operator = name
        if (key === null) {
          context.drop('null-key')
          return
        }
        let entry = rows.entry(key)
        const [before, beforeTimestamp] = [entry?.holding ?? null, entry?.timestamp ?? -1]
        if (entry) rows.update(entry, value, timestamp)
        else if (value !== null) entry = rows.put(key, value, timestamp)
        tell(key, value, timestamp, before, beforeTimestamp, entry)
      },
    ]
  }
}

export function storeGetter(store: string): BuildGetter {
  return (context, view) => {
    const rows: KeyValueStore = context.keyValueStore(store)
    if (view === 'now') return (key) => rows.entry(key)
    // Not before there is a record: the operator with the cache may be made after this one.
    let cache: UpdateCache | undefined | null = null
    return (key) => {
      if (cache === null) cache = context.caches.of(store)
      const row = rows.entry(key)
      return cache ? cache.told(rows.identityOf(key), row) : row
    }
  }
}
