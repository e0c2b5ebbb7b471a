import type { Serde } from '@kafkado/core'

export type StoreKind = 'key-value' | 'window' | 'session' | 'join'

/** A store as the topology asks for it; each task has one of its own. */
export interface StoreDefinition {
  readonly name: string
  readonly kind: StoreKind
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  /** How long a window is kept after its end, in stream time. */
  readonly retentionMs: number
  /** The size of a window that is only written with its start; Infinity for one without an end. */
  readonly windowSizeMs: number
  /** Whether changes go to a topic that the store is restored from. */
  readonly isLogged: boolean
  /** Whether updates of its rows may be held back, where the application has a cache. */
  readonly isCached?: boolean
  /** What the state is for, as `explain()` and a refusal to lose it say. */
  readonly purpose: string
}

/** One record of a changelog. */
export interface LoggedChange {
  readonly key: Uint8Array
  readonly value: string | Uint8Array | null
  readonly timestamp: number
}

/** What the task does with any of its stores. */
export interface StateStore {
  readonly definition: StoreDefinition
  /** How many entries it holds in memory. */
  readonly size: number
  /** The greatest timestamp that was put: on it depends what is late. */
  observedTime: number
  readonly hasChanges: boolean
  /** Whether values are tried when they are put, and not only when they are to be written. */
  triesValues: boolean
  /** What changed since the last call, once for each key. @throws SerializationError that names the store */
  takeChanges(): LoggedChange[]
  /** Takes over what a changelog or a storage holds. */
  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void
  /** Lets go of entries that are in the storage, when there are more than `most`. */
  evict(most?: number): void
}
