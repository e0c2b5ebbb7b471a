import { type KeyIdentity, keyIdentityOf } from './key-identity.ts'
import type { StateTable } from './state-storage.ts'
import type { LoggedChange, StateStore, StoreDefinition } from './store-definition.ts'
import { compareBytes } from './stored-bytes.ts'
import { StoredValues, TriedValues } from './stored-values.ts'

/** More entries than this are not kept in memory beside a storage. */
const mostCachedEntries = 200_000

/** What a store holds for one key. A null value was removed, and the entry stays until that is written. */
export interface KeyValueEntry<K = unknown, V = unknown> {
  readonly key: K
  value: V | null
  timestamp: number
  isDirty: boolean
}

/**
 * A store by key. What is in it are the values themselves, so reading and changing them costs no serialisation; they are written once a
 * commit, whatever the number of changes. Beside a storage it is a cache of it.
 */
export class KeyValueStore<K = unknown, V = unknown> implements StateStore {
  readonly definition: StoreDefinition
  readonly #identity: KeyIdentity
  readonly #table: StateTable | undefined
  readonly #entries = new Map<unknown, KeyValueEntry<K, V>>()
  #dirty: KeyValueEntry<K, V>[] = []
  readonly #values: StoredValues
  #tried: TriedValues<KeyValueEntry<K, V>> | undefined
  observedTime = -1

  constructor(definition: StoreDefinition, table?: StateTable, longestKeyBytes = Infinity) {
    this.definition = definition
    this.#values = new StoredValues(definition, longestKeyBytes)
    this.#identity = keyIdentityOf(definition.keySerde, definition.name)
    this.#table = table
  }

  get hasChanges(): boolean {
    return this.#dirty.length > 0
  }

  get triesValues(): boolean {
    return this.#tried !== undefined
  }

  set triesValues(isWanted: boolean) {
    this.#tried = isWanted ? new TriedValues(this.#values) : undefined
  }

  get size(): number {
    return this.#entries.size
  }

  /** What it holds for the key; undefined when there is nothing or it was removed. */
  entry(key: K): KeyValueEntry<K, V> | undefined {
    const identity = this.#identity(key)
    const entry = this.#entries.get(identity) ?? this.#load(identity, key)
    if (entry) this.#tried?.onRead(entry)
    return entry?.value === null ? undefined : entry
  }

  get(key: K): V | undefined {
    return this.entry(key)?.value ?? undefined
  }

  /** Sets the value of a key; null removes it. */
  put(key: K, value: V | null, timestamp: number): void {
    const identity = this.#identity(key)
    const entry = this.#entries.get(identity)
    if (entry) this.update(entry, value, timestamp)
    else {
      this.#tried?.onPut(key, value, undefined)
      const fresh: KeyValueEntry<K, V> = { key, value, timestamp, isDirty: true }
      this.#entries.set(identity, fresh)
      this.#dirty.push(fresh)
      if (timestamp > this.observedTime) this.observedTime = timestamp
    }
  }

  /** Sets the value of an entry that {@link entry} gave. */
  update(entry: KeyValueEntry<K, V>, value: V | null, timestamp: number): void {
    this.#tried?.onPut(entry.key, value, entry)
    entry.value = value
    entry.timestamp = timestamp
    if (timestamp > this.observedTime) this.observedTime = timestamp
    if (entry.isDirty) return
    entry.isDirty = true
    this.#dirty.push(entry)
  }

  delete(key: K, timestamp: number): void {
    this.put(key, null, timestamp)
  }

  /** Everything it holds, in the order of the written keys. */
  *entries(): Generator<KeyValueEntry<K, V>> {
    const found = new Map<unknown, KeyValueEntry<K, V>>()
    if (this.#table) {
      for (const [key, value] of this.#table.entries()) {
        const entry = this.#decode(key, value)
        found.set(this.#identity(entry.key), entry)
      }
    }
    for (const [identity, entry] of this.#entries) found.set(identity, entry)
    const live = [...found.values()].filter(({ value }) => value !== null)
    const sorted = live.map((entry) => ({ entry, bytes: this.#values.keyBytes(entry.key) }))
    sorted.sort((left, right) => compareBytes(left.bytes, right.bytes))
    for (const { entry } of sorted) yield entry
  }

  /** The entries from one key to another, both included, in the order of the written keys. */
  *range(from: K, to: K): Generator<KeyValueEntry<K, V>> {
    const [first, last] = [this.#values.keyBytes(from), this.#values.keyBytes(to)]
    for (const entry of this.entries()) {
      const bytes = this.#values.keyBytes(entry.key)
      if (compareBytes(bytes, first) >= 0 && compareBytes(bytes, last) <= 0) yield entry
    }
  }

  takeChanges(): LoggedChange[] {
    const dirty = this.#dirty
    this.#dirty = []
    return dirty.map((entry) => {
      entry.isDirty = false
      if (entry.value === null && !this.#table) this.#entries.delete(this.#identity(entry.key))
      const value = entry.value === null ? null : this.#values.write(entry.key, entry.value)
      return { key: this.#values.keyBytes(entry.key), value, timestamp: entry.timestamp }
    })
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (timestamp > this.observedTime) this.observedTime = timestamp
    // The storage has it already, or will have it before the task begins.
    if (this.#table) return
    const decoded = this.#values.readKey(key) as K
    const identity = this.#identity(decoded)
    if (value === null) this.#entries.delete(identity)
    else
      this.#entries.set(identity, {
        key: decoded,
        value: this.#values.read(value) as V,
        timestamp,
        isDirty: false,
      })
  }

  evict(most: number = mostCachedEntries): void {
    if (!this.#table || this.#entries.size <= most || this.#dirty.length > 0) return
    this.#entries.clear()
  }

  #load(identity: unknown, key: K): KeyValueEntry<K, V> | undefined {
    const stored = this.#table?.get(this.#values.keyBytes(key))
    if (!stored) return undefined
    const { value, timestamp } = this.#values.readTimestamped(stored)
    const entry = { key, value: value as V, timestamp, isDirty: false }
    this.#entries.set(identity, entry)
    return entry
  }

  #decode(keyBytes: Uint8Array, stored: Uint8Array): KeyValueEntry<K, V> {
    const { value, timestamp } = this.#values.readTimestamped(stored)
    return { key: this.#values.readKey(keyBytes) as K, value: value as V, timestamp, isDirty: false }
  }
}
