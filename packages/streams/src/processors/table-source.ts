import { givenUp } from '../state/held-values.ts'
import type { KeyValueStore } from '../state/key-value-store.ts'
import type { BuildProcessor, NodeContext } from './processor.ts'

/** What a table holds for a key now. */
export type TableGetter = (key: unknown) => TableRow | undefined

export interface TableRow {
  /** May be a copy each time it is asked for. */
  readonly value: unknown
  readonly timestamp: number
}

/** Makes the way to read a table within one task. */
export type BuildGetter = (context: NodeContext) => TableGetter

/** Keeps the last value of each key and hands on what changes. The order of the offsets counts, not that of the timestamps. */
export function tableSourceProcessor(store: string): BuildProcessor {
  return (context, forward, _late, name) => {
    const rows = context.keyValueStore(store)
    return [
      (key, value, timestamp) => {
        context.operator = name
        if (key === null) {
          context.drop('null-key')
          return
        }
        const entry = rows.entry(key)
        const before = entry?.holding ?? null
        if (entry) rows.update(entry, value, timestamp)
        else if (value !== null) rows.put(key, value, timestamp)
        forward(key, value, timestamp, givenUp(before))
      },
    ]
  }
}

export function storeGetter(store: string): BuildGetter {
  return (context) => {
    const rows: KeyValueStore = context.keyValueStore(store)
    return (key) => rows.entry(key)
  }
}
