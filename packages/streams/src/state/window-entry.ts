import { given, type Held } from './held-values.ts'
import type { Ending } from './time-index.ts'
import type { WindowBounds } from './window-key.ts'

/** What a store holds for one key and window; of a join, one record. A null was removed. */
export class WindowEntry<K = unknown, V = unknown> implements Ending {
  /** What stands for the key. */
  readonly identity: unknown
  readonly heldKey: Held
  readonly start: number
  readonly end: number
  /** Tells apart the records of a join that have the same key and time; 0 elsewhere. */
  readonly sequence: number
  holding: Held
  timestamp: number
  isDirty = false
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
    this.identity = identity
    this.heldKey = heldKey
    this.start = start
    this.end = end
    this.sequence = sequence
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
