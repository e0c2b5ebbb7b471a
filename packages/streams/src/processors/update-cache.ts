import type { Held } from '../state/held-values.ts'
import type { KeyValueEntry } from '../state/key-value-store.ts'
import type { WindowEntry } from '../state/window-entry.ts'
import type { TableRow } from './table-row.ts'

export type CachedEntry = KeyValueEntry | WindowEntry

/** Holds back the updates of a store, for the operator that makes them and for operators that look rows up. */
export interface UpdateCache {
  /**
   * Takes an update.
   *
   * @param entry the store's present entry
   * @param before its former value, which is not shared, and since when it was held
   */
  put(entry: CachedEntry, timestamp: number, before: Held, beforeTimestamp: number): void
  /** The last forwarded row. @param row the store's present row */
  told(identity: unknown, row: TableRow | undefined): TableRow | undefined
}
