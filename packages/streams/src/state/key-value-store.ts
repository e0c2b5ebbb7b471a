import type { Held } from './held-values.ts'
import { type KeyIdentity, keyIdentityOf } from './key-identity.ts'
import type { StateTable } from './state-storage.ts'
import type { LoggedChange, StateStore, StoreDefinition } from './store-definition.ts'
import { compareBytes } from './stored-bytes.ts'
import { StoreEntry } from './store-entry.ts'
import { StoredValues } from './stored-values.ts'

/** The most entries kept in memory beside a storage. */
const mostCachedEntries = 200_000

export type KeyValueEntry<K = unknown, V = unknown> = StoreEntry<K, V>

/**
 * A store by key. It holds values as {@link Held}, so reading and changing them costs no serialisation; each is written
 * once per commit, however often it changes. Beside a storage, it is a cache of that storage.
 */
export class KeyValueStore<K = unknown, V = unknown> implements StateStore {
  readonly definition: StoreDefinition
  readonly #identity: KeyIdentity
  readonly #table: StateTable | undefined
  readonly #entries = new Map<unknown, KeyValueEntry<K, V>>()
  #dirty: KeyValueEntry<K, V>[] = []
  readonly #values: StoredValues
  triesValues = false
  observedTime = -1

  constructor(definition: StoreDefinition, table?: StateTable) {
    this.definition = definition
    this.#values = new StoredValues(definition)
    this.#identity = keyIdentityOf(definition.keySerde, definition.name)
    this.#table = table
  }

  get hasChanges(): boolean {
    return this.#dirty.length > 0
  }

  get size(): number {
    return this.#entries.size
  }

  /** The entry of the key; undefined when there is none or it was removed. */
  entry(key: K): KeyValueEntry<K, V> | undefined {
    const identity = this.#identity(key)
    const entry = this.#entries.get(identity) ?? this.#load(identity, key)
    return entry?.holding === null ? undefined : entry
  }

  /** Stands for a key: equal for keys with the same serialised form. */
  identityOf(key: K): unknown {
    return this.#identity(key)
  }

  get(key: K): V | undefined {
    return this.entry(key)?.value ?? undefined
  }

  /** Sets the value of a key; null removes it. */
  put(key: K, value: V | null, timestamp: number): KeyValueEntry<K, V> {
    const identity = this.#identity(key)
    const entry = this.#entries.get(identity)
    if (entry) {
      this.update(entry, value, timestamp)
      return entry
    }
    if (this.triesValues) this.#values.try(key, value)
    const fresh = this.#entryOf(identity, key, this.#values.hold(key, value), timestamp)
    this.#entries.set(identity, fresh)
    if (timestamp > this.observedTime) this.observedTime = timestamp
    this.#changed(fresh)
    return fresh
  }

  /** Sets the value of an entry returned by {@link entry}. */
  update(entry: KeyValueEntry<K, V>, value: V | null, timestamp: number): void {
    if (this.triesValues) this.#values.try(entry.heldKey, value)
    entry.holding = this.#values.hold(entry.heldKey, value)
    entry.timestamp = timestamp
    if (timestamp > this.observedTime) this.observedTime = timestamp
    this.#changed(entry)
  }

  delete(key: K, timestamp: number): void {
    this.put(key, null, timestamp)
  }

  #changed(entry: KeyValueEntry<K, V>): void {
    // No changelog would ever take the change over, and a removed row would stay for ever.
    if (!this.definition.isLogged) {
      if (entry.holding === null) this.#entries.delete(entry.identity)
    } else if (!entry.isDirty) {
      entry.isDirty = true
      this.#dirty.push(entry)
    }
  }

  /** All entries, in the order of the serialised keys. */
  *entries(): Generator<KeyValueEntry<K, V>> {
    const found = new Map<unknown, KeyValueEntry<K, V>>()
    if (this.#table) {
      for (const [key, value] of this.#table.entries()) {
        const entry = this.#decode(key, value)
        found.set(entry.identity, entry)
      }
    }
    for (const [identity, entry] of this.#entries) found.set(identity, entry)
    const live = [...found.values()].filter(({ holding }) => holding !== null)
    const sorted = live.map((entry) => ({ entry, bytes: this.#values.keyBytes(entry.heldKey) }))
    sorted.sort((left, right) => compareBytes(left.bytes, right.bytes))
    for (const { entry } of sorted) yield entry
  }

  /** The entries from one key to another, both included, in the order of the serialised keys. */
  *range(from: K, to: K): Generator<KeyValueEntry<K, V>> {
    const [first, last] = [this.#values.keyBytes(from), this.#values.keyBytes(to)]
    for (const entry of this.entries()) {
      const bytes = this.#values.keyBytes(entry.heldKey)
      if (compareBytes(bytes, first) >= 0 && compareBytes(bytes, last) <= 0) yield entry
    }
  }

  /** The serialised key. */
  keyBytes(key: K): Uint8Array {
    return this.#values.keyBytes(key)
  }

  takeChanges(): LoggedChange[] {
    const dirty = this.#dirty
    this.#dirty = []
    return dirty.map((entry) => {
      entry.isDirty = false
      const { identity, heldKey, holding, timestamp } = entry
      if (holding === null && !this.#table) this.#entries.delete(identity)
      return { key: this.#values.keyBytes(heldKey), value: this.#values.writeHeld(heldKey, holding), timestamp }
    })
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (timestamp > this.observedTime) this.observedTime = timestamp
    // The storage has it already, or will have it before the task begins.
    if (this.#table) return
    const decoded = this.#values.readKey(key) as K
    const identity = this.#identity(decoded)
    if (value === null) this.#entries.delete(identity)
    else this.#entries.set(identity, this.#entryOf(identity, decoded, this.#values.holdAsRead(value), timestamp))
  }

  evict(most: number = mostCachedEntries): void {
    if (!this.#table || this.#entries.size <= most || this.#dirty.length > 0) return
    this.#entries.clear()
  }

  #load(identity: unknown, key: K): KeyValueEntry<K, V> | undefined {
    const stored = this.#table?.get(this.#values.keyBytes(key))
    if (!stored) return undefined
    const { holding, timestamp } = this.#values.readTimestamped(stored)
    const entry = this.#entryOf(identity, key, holding, timestamp)
    this.#entries.set(identity, entry)
    return entry
  }

  #decode(keyBytes: Uint8Array, stored: Uint8Array): KeyValueEntry<K, V> {
    const { holding, timestamp } = this.#values.readTimestamped(stored)
    const key = this.#values.readKey(keyBytes) as K
    return this.#entryOf(this.#identity(key), key, holding, timestamp)
  }

  #entryOf(identity: unknown, key: K, holding: Held, timestamp: number): KeyValueEntry<K, V> {
    return new StoreEntry<K, V>(identity, this.#values.holdKey(key), holding, timestamp)
  }
}
