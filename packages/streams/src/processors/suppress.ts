import { givenUp } from '../state/held-values.ts'
import type { KeyValueEntry, KeyValueStore } from '../state/key-value-store.ts'
import { compareBytes } from '../state/stored-bytes.ts'
import type { BuildProcessor } from './processor.ts'

/** How long a change is held back. */
export interface Suppression {
  /** In stream time, from the time of the change; of windows, from their end. */
  readonly holdMs: number
  /** The time of a windowed key; undefined takes that of the record. */
  readonly timeOf: ((key: unknown) => number) | undefined
  /** More than this are not held: the one that was held longest goes. */
  readonly maxRecords: number
  /** Whether results that are null are worth telling. */
  readonly dropsTombstones: boolean
}

/** What the buffer keeps of one key, as its changelog has it. */
export interface SuppressedChange {
  readonly value: unknown
  readonly timestamp: number
  readonly time: number
}

type Buffer = KeyValueStore<unknown, SuppressedChange>
type Entry = KeyValueEntry<unknown, SuppressedChange>

/** Holds back the changes of a table and hands on the last one of each key when its time is over. */
export function suppressProcessor(
  store: string,
  { holdMs, timeOf, maxRecords, dropsTombstones }: Suppression,
): BuildProcessor {
  return (context, forward, _late, name) => {
    const buffer: Buffer = context.keyValueStore(store)
    const order = new SuppressionOrder(buffer)
    let observed = -1
    return [
      (key, value, timestamp) => {
        context.operator = name
        observed = Math.max(observed, buffer.observedTime, timestamp)
        const present = buffer.entry(key)
        const time = (present && order.timeOf(present)) ?? timeOf?.(key) ?? timestamp
        const change: SuppressedChange = { value, timestamp, time }
        if (present) buffer.update(present, change, timestamp)
        else order.add(buffer.put(key, change, timestamp), time)
        const over = order.takeOver(observed - holdMs, maxRecords)
        if (over.length === 0) return
        context.withoutRecord(() => {
          for (const one of over) {
            const entry = buffer.entry(one)
            if (!entry) continue
            const last = givenUp(entry.holding) as SuppressedChange
            buffer.update(entry, null, observed)
            if (!(dropsTombstones && last.value === null)) forward(entry.key, last.value, last.timestamp, null)
          }
        })
      },
    ]
  }
}

interface Waiting {
  /** Nobody else's. */
  readonly key: unknown
  readonly identity: unknown
  readonly time: number
  /** The key as it is written; made where it is needed. */
  bytes: Uint8Array | undefined
}

/** What is held back, in the order in which it is handed on: by time, and by the written key where that is the same. A restart does not change it. */
class SuppressionOrder {
  readonly #buffer: Buffer
  readonly #byKey = new Map<unknown, Waiting>()
  #waiting: Waiting[] | undefined

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  /** Since when an entry is held back. */
  timeOf({ identity }: Entry): number | undefined {
    if (!this.#waiting) this.#restore()
    return this.#byKey.get(identity)?.time
  }

  /** To be called for what was put and was not there. */
  add({ key, identity }: Entry, time: number): void {
    const waiting = (this.#waiting ??= this.#restore())
    // What the order is made anew of has it already.
    if (this.#byKey.has(identity)) return
    const one: Waiting = { key, identity, time, bytes: undefined }
    this.#byKey.set(identity, one)
    let index = waiting.length
    while (index > 0 && this.#isAfter(waiting[index - 1] as Waiting, one)) index--
    if (index === waiting.length) waiting.push(one)
    else waiting.splice(index, 0, one)
  }

  /** Takes out those that are held since `time` or longer, and the first of what is more than `most`. */
  takeOver(time: number, most: number): unknown[] {
    const waiting = this.#waiting ?? []
    let count = Math.max(0, waiting.length - most)
    while (count < waiting.length && (waiting[count] as Waiting).time <= time) count++
    if (count === 0) return []
    const over = waiting.splice(0, count)
    for (const { identity } of over) this.#byKey.delete(identity)
    return over.map(({ key }) => key)
  }

  #restore(): Waiting[] {
    // In the order of the keys, which those of one time keep.
    const waiting = [...this.#buffer.entries()].map(({ key, identity, value }) => {
      return { key, identity, time: value?.time ?? 0, bytes: undefined }
    })
    waiting.sort((left, right) => left.time - right.time)
    for (const one of waiting) this.#byKey.set(one.identity, one)
    return (this.#waiting = waiting)
  }

  #isAfter(one: Waiting, other: Waiting): boolean {
    return one.time === other.time ? compareBytes(this.#bytesOf(one), this.#bytesOf(other)) > 0 : one.time > other.time
  }

  #bytesOf(one: Waiting): Uint8Array {
    return (one.bytes ??= this.#buffer.keyBytes(one.key))
  }
}
