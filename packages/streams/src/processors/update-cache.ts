import type { Held } from '../state/held-values.ts'
import type { KeyValueEntry } from '../state/key-value-store.ts'
import type { WindowEntry } from '../state/window-entry.ts'
import type { TableRow } from './table-row.ts'

export type CachedEntry = KeyValueEntry | WindowEntry

/** Holds back the updates of a store, for the operator that makes them and for those that look rows up. */
export interface UpdateCache {
  /**
   * Takes an update.
   *
   * @param entry what the store has now
   * @param before what it held until now, which nobody else has, and since when
   */
  put(entry: CachedEntry, timestamp: number, before: Held, beforeTimestamp: number): void
  /** A row as it was last told. @param row what the store has now */
  told(identity: unknown, row: TableRow | undefined): TableRow | undefined
}
