import type { Held } from './held-values.ts'
import { StoreEntry } from './store-entry.ts'
import type { Ending } from './time-index.ts'
import type { WindowBounds } from './window-key.ts'

/** A store's entry for one key and window; for a join, one record. */
export class WindowEntry<K = unknown, V = unknown> extends StoreEntry<K, V> implements Ending {
  readonly start: number
  readonly end: number
  /** Tells apart a join's records with the same key and time; 0 elsewhere. */
  readonly sequence: number
  /** Whether the changelog has it. */
  isWritten = false
  isRemoved = false

  constructor(
    identity: unknown,
    heldKey: Held,
    { start, end, sequence }: WindowBounds,
    holding: Held,
    timestamp: number,
  ) {
    super(identity, heldKey, holding, timestamp)
    this.start = start
    this.end = end
    this.sequence = sequence
  }
}
