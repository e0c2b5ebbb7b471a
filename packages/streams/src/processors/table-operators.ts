import type { Olds } from './olds.ts'
import { type BuildProcessor, requireAnswer } from './processor.ts'
import type { TableRow } from './table-row.ts'
import type { BuildGetter } from './table-source.ts'

export type RowFunction<R> = (value: unknown, key: unknown) => R

/**
 * Applies a function to the value of a key, if it has one. Null means that the key has none.
 *
 * @param olds whether somebody asks for former rows. Only then the function gets a former value: if it throws there,
 *   the new row would be lost with the former one
 */
export function tableMapProcessor(map: RowFunction<unknown>, olds: Olds): BuildProcessor {
  const change = mapRow(map)
  return (context, forward, _late, name) => {
    const { areTold } = olds
    return [
      (key, value, timestamp, old) => {
        context.operator = name
        const changed = value === null ? null : change(value, key)
        const before = !areTold || old === null || old === undefined ? null : change(old, key)
        forward(key, changed, timestamp, before)
      },
    ]
  }
}

/**
 * @param olds whether it tests former rows, for the same reason as above; then it forwards nothing for a row outside
 *   its result before and after
 */
export function tableFilterProcessor(predicate: RowFunction<unknown>, olds: Olds): BuildProcessor {
  const filter = filterRow(predicate)
  return (context, forward, _late, name) => {
    const { areTold } = olds
    return [
      (key, value, timestamp, old) => {
        context.operator = name
        const kept = value === null ? null : filter(value, key)
        const before = !areTold || old === null || old === undefined ? null : filter(old, key)
        if (kept !== null || before !== null || !areTold) forward(key, kept, timestamp, before)
      },
    ]
  }
}

/** Reads a table through a filter or a mapping that has no store of its own. */
export function derivedGetter(parent: BuildGetter, change: RowFunction<unknown>): BuildGetter {
  return (context, view) => {
    const get = parent(context, view)
    return (key): TableRow | undefined => {
      const row = get(key)
      const value = row === undefined ? null : change(row.value, key)
      return row === undefined || value === null ? undefined : { value, timestamp: row.timestamp }
    }
  }
}

export function filterRow(predicate: RowFunction<unknown>): RowFunction<unknown> {
  return (value, key) => (requireAnswer(predicate(value, key), 'filter') ? value : null)
}

export function mapRow(map: RowFunction<unknown>): RowFunction<unknown> {
  return (value, key) => requireAnswer(map(value, key), 'mapValues') ?? null
}

/** Forwards the changes of a table as a stream, without former values. */
export const toStreamProcessor: BuildProcessor = (_context, forward) => [
  (key, value, timestamp) => forward(key, value, timestamp),
]
