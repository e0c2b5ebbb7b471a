/** A change of one store, as bytes; a null value removes the key. */
export interface StateChange {
  readonly store: string
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** What a store of a task is kept in. */
export interface StateTable {
  /** A copy, which nothing changes later. */
  get(key: Uint8Array): Uint8Array | undefined
  /** Copies, in no order, for whoever goes through them at once: nothing may be written meanwhile. */
  entries(): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
}

/** How much of a store's changelog is in the storage. */
export interface StoreCheckpoint {
  /** The offset of the next change. */
  readonly offset: number
  /** The greatest timestamp that the store had seen by then. */
  readonly observedTime: number
}

export type Checkpoint = Readonly<Record<string, StoreCheckpoint>>

/**
 * Where the stores of one task are kept over restarts. It only ever holds what was committed, and the checkpoint
 * changes with it in one step; so after a crash the end of the changelog is read again, and nothing has to be thrown
 * away.
 */
export interface StateStorage {
  table(store: string): StateTable
  readonly checkpoint: Checkpoint
  /**
   * Puts the changes and the checkpoint, all or nothing.
   *
   * @throws StorageError when another process has taken over the storage, or it cannot be written
   */
  write(changes: readonly StateChange[], checkpoint: Checkpoint): Promise<void>
  /** Forgets what it holds of a store, as that does not go with the changelog any more. */
  clear(store: string): Promise<void>
  close(): Promise<void>
}

/** Opens the storage of a task, named as the task is. */
export type OpenStateStorage = (task: string) => Promise<StateStorage>
