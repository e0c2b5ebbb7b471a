import { given, givenUp, type Held } from '../state/held-values.ts'
import { heldBytes } from '../state/held-bytes.ts'
import type { StoreDefinition } from '../state/store-definition.ts'
import { WindowEntry } from '../state/window-entry.ts'
import type { Forward, NodeContext, RecordSnapshot } from './processor.ts'
import type { TableRow } from './table-row.ts'
import type { CachedEntry, UpdateCache } from './update-cache.ts'

/**
 * What the caches of a member may hold together. The one whose update goes beyond it tells all of its own, so what
 * another holds until the next commit may leave it no room: then it tells each update at once, and holds up nothing.
 * Kafka: ThreadCache, which does so as well.
 */
export class CacheBudget {
  readonly maxBytes: number
  usedBytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }
}

/**
 * How often a cache was given an update, and how often one of the same key was waiting in it, so that this one is not
 * told.
 */
export interface CacheCounts {
  readonly updates: number
  readonly hits: number
}

/** The last update of a row, and what the row was when it was last told. */
interface Waiting {
  readonly heldKey: Held
  readonly start: number
  readonly end: number
  readonly old: Held
  readonly oldTimestamp: number
  holding: Held
  timestamp: number
  bytes: number
  /** The record that caused the last update. */
  cause: RecordSnapshot
}

/** Besides key and value, an entry takes about as much. */
const entryBytes = 64

/**
 * Holds back the updates of a store's rows until the next commit, or until the caches hold more bytes than they may: of
 * several updates of a row the last one is told, with what the row was before the first of them. The store itself has
 * each at once. Kafka: CachingKeyValueStore and its like (KIP-63).
 */
export class RecordCache implements UpdateCache {
  readonly store: string
  readonly #context: NodeContext
  readonly #forward: Forward
  readonly #budget: CacheBudget
  readonly #isWindowed: boolean
  /** In the order of the last updates, in which they are told. */
  readonly #waiting = new Map<unknown, Waiting>()
  #updates = 0
  #hits = 0

  constructor({ name, kind }: StoreDefinition, context: NodeContext, forward: Forward, budget: CacheBudget) {
    this.store = name
    this.#context = context
    this.#forward = forward
    this.#budget = budget
    this.#isWindowed = kind !== 'key-value'
  }

  get size(): number {
    return this.#waiting.size
  }

  get counts(): CacheCounts {
    return { updates: this.#updates, hits: this.#hits }
  }

  put(entry: CachedEntry, timestamp: number, before: Held, beforeTimestamp: number): void {
    const identity = identityOf(entry)
    const known = this.#waiting.get(identity)
    this.#updates++
    const { heldKey, holding } = entry
    const bytes = entryBytes + heldBytes(heldKey) + heldBytes(holding)
    const cause = this.#context.snapshot()
    if (known) {
      this.#hits++
      this.#budget.usedBytes -= known.bytes
      this.#waiting.delete(identity)
      this.#waiting.set(identity, Object.assign(known, { holding, timestamp, bytes, cause }))
    } else {
      const { start, end } = entry instanceof WindowEntry ? entry : { start: 0, end: 0 }
      const update = { heldKey, start, end, holding, timestamp, bytes, cause }
      this.#waiting.set(identity, { ...update, old: before, oldTimestamp: beforeTimestamp })
    }
    this.#budget.usedBytes += bytes
    if (this.#budget.usedBytes > this.#budget.maxBytes) this.flush()
  }

  told(identity: unknown, row: TableRow | undefined): TableRow | undefined {
    const waiting = this.#waiting.get(identity)
    if (!waiting) return row
    return waiting.old === null ? undefined : { value: given(waiting.old), timestamp: waiting.oldTimestamp }
  }

  /** Tells all that is held back. */
  flush(): void {
    for (const [identity, update] of this.#waiting) {
      this.#waiting.delete(identity)
      this.#budget.usedBytes -= update.bytes
      this.#tell(update)
    }
  }

  #tell({ heldKey, start, end, holding, timestamp, old, cause }: Waiting): void {
    // It has come and gone, and nobody was ever told.
    if (holding === null && old === null) return
    const row = given(heldKey)
    const key = this.#isWindowed ? { key: row, start, end } : row
    this.#context.resume(cause, () => this.#forward(key, given(holding), timestamp, givenUp(old)))
  }
}

function identityOf(entry: CachedEntry): unknown {
  const { identity } = entry
  return entry instanceof WindowEntry ? `${entry.start} ${entry.end} ${typeof identity} ${String(identity)}` : identity
}
