import { KeyValueStore } from '../state/key-value-store.ts'
import type { StateStore } from '../state/store-definition.ts'
import { WindowStore } from '../state/window-store.ts'
import type { QueryEntry, QueryRequest } from '../threads/thread-pool.ts'

/** What the stores of tasks answer to a query. */
export function queryStore(store: StateStore, { key, from = 0, to = Infinity }: QueryRequest): QueryEntry[] {
  const { keySerde, name } = store.definition
  const wanted = key && keySerde.deserialize(key, { topic: name, field: 'key' })
  if (store instanceof KeyValueStore) {
    if (key === undefined)
      return [...store.entries()].map(({ key: own, value, timestamp }) => ({ key: own, value, timestamp }))
    const entry = store.entry(wanted)
    return entry ? [{ key: wanted, value: entry.value, timestamp: entry.timestamp }] : []
  }
  if (store instanceof WindowStore) {
    const entries = key === undefined ? [...store.entries()] : store.fetch(wanted, from, to)
    return entries
      .filter(({ holding, start }) => holding !== null && start >= from && start <= to)
      .map(({ key: own, value, timestamp, start, end }) => ({ key: own, value, timestamp, start, end }))
  }
  return []
}
