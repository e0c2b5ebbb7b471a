import type { KeyValueStore } from '../state/key-value-store.ts'
import type { BuildProcessor, NodeContext } from './processor.ts'
import type { TableRow } from './table-row.ts'
import { tellingRows } from './telling.ts'
import type { UpdateCache } from './update-cache.ts'

/** Reads a table's current entry for a key. */
export type TableGetter = (key: unknown) => TableRow | undefined

/**
 * The current row, or the last forwarded one, without updates that a cache holds back. The result of two tables looks
 * up forwarded rows, because each table forwards its held-back updates later. Otherwise both tables would forward the
 * same change, derived from a row that nobody has seen.
 */
export type TableView = 'now' | 'told'

/** Makes the reader of a table for one task. */
export type BuildGetter = (context: NodeContext, view: TableView) => TableGetter

/**
 * Keeps the last value of each key and forwards changes. The order of offsets counts, not that of timestamps.
 *
 * @param mayHoldBack whether changes may go through the store's cache; asked when the topology is complete
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
    // Looked up with the first record: the operator with the cache may be made after this one.
    let cache: UpdateCache | undefined | null = null
    return (key) => {
      if (cache === null) cache = context.caches.of(store)
      const row = rows.entry(key)
      return cache ? cache.told(rows.identityOf(key), row) : row
    }
  }
}
