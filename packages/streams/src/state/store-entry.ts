import { given, type Held } from './held-values.ts'

/** A store's entry for one key. A null was removed; the entry stays until the removal is written. */
export class StoreEntry<K = unknown, V = unknown> {
  /** Stands for the key. */
  readonly identity: unknown
  readonly heldKey: Held
  holding: Held
  timestamp: number
  isDirty = false

  constructor(identity: unknown, heldKey: Held, holding: Held, timestamp: number) {
    this.identity = identity
    this.heldKey = heldKey
    this.holding = holding
    this.timestamp = timestamp
  }

  get key(): K {
    return given(this.heldKey) as K
  }

  /** Returns a copy with each read. */
  get value(): V | null {
    return given(this.holding) as V | null
  }
}
