import type { Header } from '@kafkado/core/internal'
import type { KeyValueEntry, KeyValueStore } from '../state/key-value-store.ts'
import { compareBytes } from '../state/stored-bytes.ts'

/** The buffer's entry for one key, as its changelog has it. */
export interface SuppressedChange {
  readonly value: unknown
  readonly timestamp: number
  readonly time: number
  /** Of the record that made it; null for none, so that plain data are held without serialising them. */
  readonly headers: readonly Header[] | null
}

/** The size in bytes of a held-back row. */
export type BytesOf = (key: unknown, value: unknown) => number

export type SuppressionBuffer = KeyValueStore<unknown, SuppressedChange>
type Entry = KeyValueEntry<unknown, SuppressedChange>

interface Waiting {
  /** A private copy. */
  readonly key: unknown
  readonly identity: unknown
  readonly time: number
  /** The serialised key; made when needed. */
  keyBytes: Uint8Array | undefined
  /** The bytes of key and value; 0 if not counted. */
  size: number
}

/**
 * The held-back changes in the order of forwarding: by time, then by the serialised key. A restart does not change the
 * order.
 */
export class SuppressionOrder {
  readonly #buffer: SuppressionBuffer
  readonly #byKey = new Map<unknown, Waiting>()
  readonly #bytesOf: BytesOf | undefined
  #waiting: Waiting[] | undefined
  #bytes = 0

  /** @param bytesOf the size of a change; undefined if it does not matter */
  constructor(buffer: SuppressionBuffer, bytesOf: BytesOf | undefined) {
    this.#buffer = buffer
    this.#bytesOf = bytesOf
  }

  get records(): number {
    return (this.#waiting ??= this.#restore()).length
  }

  /** The bytes held back, if they are counted. */
  get bytes(): number {
    return this.#bytes
  }

  /** Since when an entry is held back. */
  timeOf({ identity }: Entry): number | undefined {
    if (!this.#waiting) this.#restore()
    return this.#byKey.get(identity)?.time
  }

  /** Call it for a new key. */
  add({ key, identity, value }: Entry, time: number): void {
    const waiting = (this.#waiting ??= this.#restore())
    // The rebuilt order has it already.
    if (this.#byKey.has(identity)) return
    const one = this.#waitingOf(key, identity, time, value)
    let index = waiting.length
    while (index > 0 && this.#isAfter(waiting[index - 1] as Waiting, one)) index--
    if (index === waiting.length) waiting.push(one)
    else waiting.splice(index, 0, one)
  }

  /** Call it for a key whose value has changed. */
  change({ identity, value }: Entry): void {
    const one = this.#byKey.get(identity)
    if (!this.#bytesOf || !one) return
    this.#bytes -= one.size
    one.size = this.#bytesOf(one.key, value?.value ?? null)
    this.#bytes += one.size
  }

  /** Removes and returns the entries held since `time` or longer. */
  takeUntil(time: number): unknown[] {
    const waiting = this.#waiting ?? []
    let count = 0
    while (count < waiting.length && (waiting[count] as Waiting).time <= time) count++
    return this.#take(count)
  }

  /** Removes and returns the first entries until no more than the limits are left. */
  takeOver(mostRecords: number, mostBytes: number): unknown[] {
    const waiting = this.#waiting ?? []
    let [count, bytes] = [Math.max(0, waiting.length - mostRecords), this.#bytes]
    for (let index = 0; index < waiting.length && (index < count || bytes > mostBytes); index++) {
      bytes -= (waiting[index] as Waiting).size
      count = Math.max(count, index + 1)
    }
    return this.#take(count)
  }

  #take(count: number): unknown[] {
    if (count === 0) return []
    const taken = (this.#waiting ?? []).splice(0, count)
    for (const { identity, size } of taken) {
      this.#byKey.delete(identity)
      this.#bytes -= size
    }
    return taken.map(({ key }) => key)
  }

  #waitingOf(key: unknown, identity: unknown, time: number, value: SuppressedChange | null): Waiting {
    const size = this.#bytesOf?.(key, value?.value ?? null) ?? 0
    const one: Waiting = { key, identity, time, keyBytes: undefined, size }
    this.#byKey.set(identity, one)
    this.#bytes += size
    return one
  }

  #restore(): Waiting[] {
    // In the order of keys, which entries of the same time keep.
    const waiting = [...this.#buffer.entries()].map(({ key, identity, value }) =>
      this.#waitingOf(key, identity, value?.time ?? 0, value),
    )
    waiting.sort((left, right) => left.time - right.time)
    return (this.#waiting = waiting)
  }

  #isAfter(one: Waiting, other: Waiting): boolean {
    return one.time === other.time
      ? compareBytes(this.#keyBytesOf(one), this.#keyBytesOf(other)) > 0
      : one.time > other.time
  }

  #keyBytesOf(one: Waiting): Uint8Array {
    return (one.keyBytes ??= this.#buffer.keyBytes(one.key))
  }
}
