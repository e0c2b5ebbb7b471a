import type { Checkpoint, StateChange, StateStorage } from './state-storage.ts'
import type { LoggedChange, StateStore } from './store-definition.ts'
import { withTimestamp } from './stored-bytes.ts'

/** With more changes than this, they are written at once. */
const mostUnwritten = 200_000

const encoder = new TextEncoder()
const decoder = new TextDecoder('latin1')

/**
 * Writes committed changes to a task's storage from time to time: keys that change often are written once for many
 * commits. The folder only ever holds committed state and its checkpoint.
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

  /** Notes committed changes. @param checkpoint how much of the changelogs they cover */
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

  /** Writes the remaining changes and closes the storage. */
  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#storage.close()
    }
  }

  /** Closes the storage without the remaining changes: they come again from the changelogs. */
  async abandon(): Promise<void> {
    this.#unwritten.clear()
    await this.#storage.close()
  }
}
