/** A change of one store, as bytes; a null value removes the key. */
export interface StateChange {
  readonly store: string
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** What a store of a task is kept in: ordered by the bytes of its keys. */
export interface StateTable {
  get(key: Uint8Array): Uint8Array | undefined
  entries(): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
}

/** Up to which offset of its changelog each store is in the storage. */
export type Checkpoint = Readonly<Record<string, number>>

/**
 * Where the stores of one task are kept over restarts. It only ever holds what was committed, and the checkpoint changes with it in one
 * step; so after a crash the end of the changelog is read again, and nothing has to be thrown away.
 */
export interface StateStorage {
  table(store: string): StateTable
  readonly checkpoint: Checkpoint
  /** Puts the changes and the checkpoint, all or nothing. */
  write(changes: readonly StateChange[], checkpoint: Checkpoint): Promise<void>
  /** Forgets everything: what it holds does not go with the changelog any more. */
  clear(): Promise<void>
  close(): Promise<void>
}
