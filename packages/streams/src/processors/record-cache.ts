import { given, givenUp, type Held } from '../state/held-values.ts'
import { heldBytes } from '../state/held-bytes.ts'
import type { StoreDefinition } from '../state/store-definition.ts'
import { WindowEntry } from '../state/window-entry.ts'
import type { Forward, NodeContext, RecordSnapshot } from './processor.ts'
import type { TableRow } from './table-row.ts'
import type { CachedEntry, UpdateCache } from './update-cache.ts'

/**
 * The limit shared by the caches of a member. The cache whose update exceeds it forwards everything it holds. If
 * another cache holds most of it until the next commit, this one forwards each update at once. Kafka: ThreadCache,
 * which behaves alike.
 */
export class CacheBudget {
  readonly maxBytes: number
  usedBytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }
}

/** How many updates a cache got, and how many replaced a waiting one of the same key, which is then not forwarded. */
export interface CacheCounts {
  readonly updates: number
  readonly hits: number
}

/** The last update of a row, and the last forwarded row. */
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

/** The approximate size of an entry besides key and value. */
const entryBytes = 64

/**
 * Holds back the updates of a store's rows until the next commit, or until the caches exceed their limit. Of several
 * updates of a row, it forwards the last one, with the row before the first of them. The store itself has each update
 * at once. Kafka: CachingKeyValueStore and similar stores (KIP-63).
 */
export class RecordCache implements UpdateCache {
  readonly store: string
  readonly #context: NodeContext
  readonly #forward: Forward
  readonly #budget: CacheBudget
  readonly #isWindowed: boolean
  /** In the order of the last updates, in which they are forwarded. */
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

  /** Forwards everything held back. */
  flush(): void {
    for (const [identity, update] of this.#waiting) {
      this.#waiting.delete(identity)
      this.#budget.usedBytes -= update.bytes
      this.#tell(update)
    }
  }

  #tell({ heldKey, start, end, holding, timestamp, old, cause }: Waiting): void {
    // The row has come and gone, and nobody ever heard of it.
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
