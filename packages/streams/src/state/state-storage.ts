/** A change of one store, as bytes; a null value removes the key. */
export interface StateChange {
  readonly store: string
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** Keeps one store of a task. */
export interface StateTable {
  /** Returns a copy, which never changes later. */
  get(key: Uint8Array): Uint8Array | undefined
  /** Returns copies, unordered. Read them at once: nothing may be written meanwhile. */
  entries(): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
}

/** How much of a store's changelog the storage has. */
export interface StoreCheckpoint {
  /** The offset of the next change. */
  readonly offset: number
  /** The greatest timestamp that the store had seen at that point. */
  readonly observedTime: number
}

export type Checkpoint = Readonly<Record<string, StoreCheckpoint>>

/**
 * Keeps the stores of one task over restarts. It holds only committed state, and the checkpoint changes in the same
 * step. So after a crash only the end of the changelog is read again, and nothing has to be discarded.
 */
export interface StateStorage {
  table(store: string): StateTable
  readonly checkpoint: Checkpoint
  /**
   * Writes the changes and the checkpoint, all or nothing.
   *
   * @throws StorageError when another process has taken over the storage, or it cannot be written
   */
  write(changes: readonly StateChange[], checkpoint: Checkpoint): Promise<void>
  /** Forgets everything of a store, because it no longer matches the changelog. */
  clear(store: string): Promise<void>
  close(): Promise<void>
}

/** Opens the storage of a task by the task's name. */
export type OpenStateStorage = (task: string) => Promise<StateStorage>
