import { given, type Held } from './held-values.ts'

/** What a store holds for one key. A null was removed, and the entry stays until that is written. */
export class StoreEntry<K = unknown, V = unknown> {
  /** What stands for the key. */
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

  /** A copy each time it is asked for. */
  get value(): V | null {
    return given(this.holding) as V | null
  }
}
