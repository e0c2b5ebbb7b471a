import type { Checkpoint, StateChange, StateStorage } from './state-storage.ts'
import type { LoggedChange, StateStore } from './store-definition.ts'
import { withTimestamp } from './stored-bytes.ts'

/** More changes than this are written at once. */
const mostUnwritten = 200_000

const encoder = new TextEncoder()
const decoder = new TextDecoder('latin1')

/**
 * Brings what is committed into the storage of a task, now and then: keys that change often are written once for many
 * commits. Its folder only ever holds committed state, and the checkpoint that belongs to it.
 */
export class StateFlusher {
  readonly #storage: StateStorage
  readonly #stores: readonly StateStore[]
  readonly #unwritten = new Map<string, StateChange>()
  #checkpoint: Checkpoint = {}

  constructor(storage: StateStorage, stores: readonly StateStore[]) {
    this.#storage = storage
    this.#stores = stores
  }

  get isFull(): boolean {
    return this.#unwritten.size >= mostUnwritten
  }

  /** Notes what was committed. @param checkpoint how much of the changelogs that is */
  add(changes: ReadonlyMap<string, readonly LoggedChange[]>, checkpoint: Checkpoint): void {
    for (const [store, list] of changes) {
      for (const { key, value, timestamp } of list) {
        const bytes = typeof value === 'string' ? encoder.encode(value) : value
        this.#unwritten.set(`${store}\n${decoder.decode(key)}`, {
          store,
          key,
          value: bytes && withTimestamp(bytes, timestamp),
        })
      }
    }
    this.#checkpoint = { ...this.#checkpoint, ...checkpoint }
  }

  async flush(): Promise<void> {
    if (this.#unwritten.size === 0) return
    const changes = [...this.#unwritten.values()]
    this.#unwritten.clear()
    const checkpoint = this.#checkpoint
    this.#checkpoint = {}
    await this.#storage.write(changes, checkpoint)
    if (this.#unwritten.size === 0) for (const store of this.#stores) store.evict()
  }

  /** Writes what is left and closes the storage. */
  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#storage.close()
    }
  }

  /** Closes the storage without what is left: it comes again from the changelogs. */
  async abandon(): Promise<void> {
    this.#unwritten.clear()
    await this.#storage.close()
  }
}
