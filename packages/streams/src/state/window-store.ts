import type { Held } from './held-values.ts'
import { type KeyIdentity, keyIdentityOf } from './key-identity.ts'
import type { LoggedChange, StateStore, StoreDefinition } from './store-definition.ts'
import { TimeIndex } from './time-index.ts'
import { compareBytes } from './stored-bytes.ts'
import { StoredValues } from './stored-values.ts'
import { WindowEntry } from './window-entry.ts'
import { decodeWindowKey, encodeWindowKey, timeKeyOf } from './window-key.ts'

/**
 * A store by key and window. The windows of a key are ordered by their starts, and all windows by their ends, to find
 * those that are over. All kept windows are in memory; a storage only makes restarts fast.
 */
export class WindowStore<K = unknown, V = unknown> implements StateStore {
  readonly definition: StoreDefinition
  readonly #identity: KeyIdentity
  readonly #byKey = new Map<unknown, WindowEntry<K, V>[]>()
  /** Windows that may still change, if an operator waits for their end. */
  #open: TimeIndex<WindowEntry<K, V>> | undefined
  /** All windows, until they are forgotten. */
  readonly #kept = new TimeIndex<WindowEntry<K, V>>()
  #dirty: WindowEntry<K, V>[] = []
  #size = 0
  readonly #values: StoredValues
  triesValues = false
  observedTime = -1
  /** Whether its time has advanced without a change that carries that time. */
  #hasOnlyAdvanced = false
  readonly #timeKey: Uint8Array

  constructor(definition: StoreDefinition) {
    this.definition = definition
    this.#values = new StoredValues(definition)
    this.#identity = keyIdentityOf(definition.keySerde, definition.name)
    this.#timeKey = timeKeyOf(definition)
  }

  get hasChanges(): boolean {
    return this.#dirty.length > 0 || this.#hasOnlyAdvanced
  }

  get size(): number {
    return this.#size
  }

  /** The window of a key that begins at `start`. */
  find(key: K, start: number): WindowEntry<K, V> | undefined {
    const list = this.#byKey.get(this.#identity(key))
    if (!list) return undefined
    for (let index = list.length - 1; index >= 0; index--) {
      const entry = list[index] as WindowEntry<K, V>
      if (entry.start === start) return entry
      if (entry.start < start) return undefined
    }
    return undefined
  }

  /** The windows of a key that begin from one time to another, both included, in their order. */
  fetch(key: K, from: number, to: number): WindowEntry<K, V>[] {
    const list = this.#byKey.get(this.#identity(key))
    return list?.filter(({ start }) => start >= from && start <= to) ?? []
  }

  /** The sessions of a key that end at `from` or later and begin at `to` or before. */
  overlapping(key: K, from: number, to: number): WindowEntry<K, V>[] {
    const list = this.#byKey.get(this.#identity(key))
    return list?.filter(({ start, end }) => end >= from && start <= to) ?? []
  }

  /** Adds a new window; or a record of a join, with the next number for its key and time unless one is given. */
  add(key: K, start: number, end: number, value: V, timestamp: number, sequence?: number): WindowEntry<K, V> {
    if (this.triesValues) this.#values.try(key, value)
    const entry = this.#insert(key, start, end, sequence, this.#values.hold(key, value), timestamp)
    this.#markDirty(entry)
    return entry
  }

  /** Advances the time without a change. The time decides what is late, also after a restart. */
  advance(timestamp: number): void {
    if (timestamp <= this.observedTime) return
    this.observedTime = timestamp
    this.#hasOnlyAdvanced = this.definition.isLogged
  }

  update(entry: WindowEntry<K, V>, value: V | null, timestamp: number): void {
    if (this.triesValues) this.#values.try(entry.heldKey, value)
    const holding = this.#values.hold(entry.heldKey, value)
    entry.timestamp = timestamp
    if (timestamp > this.observedTime) this.observedTime = timestamp
    this.#change(entry, holding)
  }

  /** Removes a window, also from the changelog. */
  remove(entry: WindowEntry<K, V>, timestamp: number): void {
    this.update(entry, null, timestamp)
    this.#drop(entry)
  }

  /** Callers of {@link close} must call it before the first put. */
  trackClosing(): void {
    this.#open ??= new TimeIndex()
  }

  /** Removes the windows that end at `time` or before from the open ones: they are closed. */
  close(time: number): WindowEntry<K, V>[] {
    return this.#open?.takeUntil(time) ?? []
  }

  /** Forgets the windows that end at `time` or before. */
  forget(time: number): void {
    for (const entry of this.#kept.takeUntil(time)) {
      this.#drop(entry)
      // A window that was never written needs no removal.
      if (entry.isWritten) this.#change(entry, null)
      else entry.holding = null
    }
  }

  /** All entries, in the order of the serialised keys and the starts. */
  *entries(): Generator<WindowEntry<K, V>> {
    const lists = [...this.#byKey.values()].map((list) => ({
      list,
      bytes: this.#values.keyBytes((list[0] as WindowEntry<K, V>).heldKey),
    }))
    lists.sort((left, right) => compareBytes(left.bytes, right.bytes))
    for (const { list } of lists) for (const entry of list) if (entry.holding !== null) yield entry
  }

  /** Sorts closed windows in the order in which Kafka emits them: by time, then by key. */
  inOrder(entries: WindowEntry<K, V>[]): WindowEntry<K, V>[] {
    if (entries.length < 2) return entries
    const keyed = entries.map((entry) => ({ entry, bytes: this.#values.keyBytes(entry.heldKey) }))
    keyed.sort(
      (left, right) =>
        left.entry.end - right.entry.end ||
        left.entry.start - right.entry.start ||
        compareBytes(left.bytes, right.bytes) ||
        left.entry.sequence - right.entry.sequence,
    )
    return keyed.map(({ entry }) => entry)
  }

  takeChanges(): LoggedChange[] {
    const dirty = this.#dirty
    this.#dirty = []
    const changes: LoggedChange[] = []
    for (const entry of dirty) {
      entry.isDirty = false
      const { heldKey, holding } = entry
      if (holding === null && !entry.isWritten) {
        // It may have been the only entry with the latest time.
        if (entry.timestamp === this.observedTime) this.#hasOnlyAdvanced = true
        continue
      }
      entry.isWritten = holding !== null
      const value = this.#values.writeHeld(heldKey, holding)
      changes.push({ key: this.storedKey(entry), value, timestamp: entry.timestamp })
    }
    if (this.#hasOnlyAdvanced) changes.push({ key: this.#timeKey, value: '', timestamp: this.observedTime })
    this.#hasOnlyAdvanced = false
    return changes
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (timestamp > this.observedTime) this.observedTime = timestamp
    if (compareBytes(key, this.#timeKey) === 0) return
    const { keyBytes, start, end, sequence } = decodeWindowKey(this.definition, key)
    const decoded = this.#values.readKey(keyBytes) as K
    const present = this.#byKey
      .get(this.#identity(decoded))
      ?.find((entry) => entry.start === start && entry.end === end && entry.sequence === sequence)
    if (value === null) {
      if (present) this.#drop(present)
      return
    }
    const restored = this.#values.holdAsRead(value)
    if (present) {
      present.holding = restored
      present.timestamp = timestamp
    } else this.#insert(decoded, start, end, sequence, restored, timestamp).isWritten = true
  }

  evict(): void {
    // Windows are looked for by time as well, so all that are kept stay in memory.
  }

  /** The serialised key of an entry. */
  storedKey(entry: WindowEntry<K, V>): Uint8Array {
    return encodeWindowKey(this.definition, this.#values.keyBytes(entry.heldKey), entry)
  }

  #insert(
    key: K,
    start: number,
    end: number,
    sequence: number | undefined,
    holding: Held,
    timestamp: number,
  ): WindowEntry<K, V> {
    const identity = this.#identity(key)
    let list = this.#byKey.get(identity)
    if (!list) this.#byKey.set(identity, (list = []))
    let index = list.length
    while (index > 0 && isAfter(list[index - 1] as WindowEntry<K, V>, start, end, sequence)) index--
    const before = list[index - 1]
    const isSame = this.definition.kind === 'join' && before?.start === start
    const number = sequence ?? (isSame ? before.sequence + 1 : 0)
    const bounds = { start, end, sequence: number }
    const entry = new WindowEntry<K, V>(identity, this.#values.holdKey(key), bounds, holding, timestamp)
    if (index === list.length) list.push(entry)
    else list.splice(index, 0, entry)
    if (timestamp > this.observedTime) this.observedTime = timestamp
    if (end !== Infinity) {
      this.#open?.add(entry)
      this.#kept.add(entry)
    }
    this.#size++
    return entry
  }

  #change(entry: WindowEntry<K, V>, holding: Held): void {
    entry.holding = holding
    this.#markDirty(entry)
  }

  #markDirty(entry: WindowEntry<K, V>): void {
    // Without a changelog, nobody would ever take the change over.
    if (entry.isDirty || !this.definition.isLogged) return
    entry.isDirty = true
    this.#dirty.push(entry)
  }

  #drop(entry: WindowEntry<K, V>): void {
    if (entry.isRemoved) return
    entry.isRemoved = true
    this.#size--
    const { identity } = entry
    const list = this.#byKey.get(identity)
    if (!list) return
    if (list.length === 1) this.#byKey.delete(identity)
    else list.splice(list.indexOf(entry), 1)
  }
}

function isAfter(entry: WindowEntry, start: number, end: number, sequence: number | undefined): boolean {
  if (entry.start !== start) return entry.start > start
  if (entry.end !== end) return entry.end > end
  return sequence !== undefined && entry.sequence > sequence
}
