import type { KeyValueStore } from '../state/key-value-store.ts'
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

interface Held {
  readonly key: unknown
  readonly time: number
}

/** What the buffer keeps of one key, as its changelog has it. */
export interface SuppressedChange {
  readonly value: unknown
  readonly timestamp: number
  readonly time: number
}

/** Holds back the changes of a table and hands on the last one of each key when its time is over. */
export function suppressProcessor(
  store: string,
  { holdMs, timeOf, maxRecords, dropsTombstones }: Suppression,
): BuildProcessor {
  return (context, forward, _late, name) => {
    const buffer: KeyValueStore<unknown, SuppressedChange> = context.keyValueStore(store)
    let held: Held[] | undefined
    let observed = -1
    return [
      (key, value, timestamp) => {
        context.operator = name
        // After a restart the order is made from what the buffer was restored with.
        held ??= [...buffer.entries()]
          .map((entry) => ({ key: entry.key, time: entry.value?.time ?? 0 }))
          .sort((left, right) => left.time - right.time)
        observed = Math.max(observed, buffer.observedTime, timestamp)
        const present = buffer.entry(key)
        const time = present?.value?.time ?? timeOf?.(key) ?? timestamp
        const change = { value, timestamp, time }
        if (present) buffer.update(present, change, timestamp)
        else {
          buffer.put(key, change, timestamp)
          insert(held, { key, time })
        }
        let count = Math.max(0, held.length - maxRecords)
        while (count < held.length && (held[count] as Held).time <= observed - holdMs) count++
        if (count === 0) return
        const over = held.splice(0, count)
        context.withoutRecord(() => {
          for (const one of over) {
            const last = buffer.get(one.key)
            buffer.delete(one.key, observed)
            if (last && !(dropsTombstones && last.value === null)) forward(one.key, last.value, last.timestamp, null)
          }
        })
      },
    ]
  }
}

/** Behind those of the same time. */
function insert(held: Held[], one: Held): void {
  let index = held.length
  while (index > 0 && (held[index - 1] as Held).time > one.time) index--
  if (index === held.length) held.push(one)
  else held.splice(index, 0, one)
}
