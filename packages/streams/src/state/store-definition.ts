import type { Serde } from '@kafkado/core'

export type StoreKind = 'key-value' | 'window' | 'session' | 'join'

/** A store of the topology; each task has its own. */
export interface StoreDefinition {
  readonly name: string
  readonly kind: StoreKind
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  /** How long a window is kept after its end, in stream time. */
  readonly retentionMs: number
  /** The size of windows that are written without their end; Infinity for a window without one. */
  readonly windowSizeMs: number
  /** Whether changes go to a changelog topic. */
  readonly isLogged: boolean
  /** Whether updates of its rows may be held back, if the application has a cache. */
  readonly isCached?: boolean
  /** The purpose of the state, for `explain()` and for the error that refuses to lose it. */
  readonly purpose: string
}

/** One record of a changelog. */
export interface LoggedChange {
  readonly key: Uint8Array
  readonly value: string | Uint8Array | null
  readonly timestamp: number
}

/** What a task needs of every store. */
export interface StateStore {
  readonly definition: StoreDefinition
  /** The number of entries in memory. */
  readonly size: number
  /** The greatest timestamp put so far; it decides what is late. */
  observedTime: number
  readonly hasChanges: boolean
  /** Whether values are serialised on put as a test, instead of only when they are written. */
  triesValues: boolean
  /** Returns the changes since the last call, one per key. @throws SerializationError that names the store */
  takeChanges(): LoggedChange[]
  /** Takes an entry of a changelog or a storage. */
  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void
  /** Drops entries that the storage has, when there are more than `most`. */
  evict(most?: number): void
}
