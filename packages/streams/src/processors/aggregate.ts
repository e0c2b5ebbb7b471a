import { type Aggregation, added } from './aggregation.ts'
import type { BuildProcessor } from './processor.ts'
import { tellingRows } from './telling.ts'

/** Aggregates a stream by key. Drops null keys and null values; a null result removes the key. */
export function aggregateProcessor(store: string, aggregation: Aggregation): BuildProcessor {
  return (context, forward, _late, name) => {
    const rows = context.keyValueStore(store)
    const tell = tellingRows(context, store, name, forward)
    return aggregation.adders.map((add) => (key, value, timestamp) => {
      context.operator = name
      if (key === null) {
        context.drop('null-key')
        return
      }
      if (value === null) {
        context.drop('null-value')
        return
      }
      const entry = rows.entry(key)
      if (entry) {
        const { holding: before, timestamp: beforeTimestamp } = entry
        const result = added(aggregation, add, entry.value, value, key)
        const latest = timestamp > entry.timestamp ? timestamp : entry.timestamp
        rows.update(entry, result, latest)
        tell(key, result, latest, before, beforeTimestamp, entry)
        return
      }
      const result = added(aggregation, add, undefined, value, key)
      const fresh = result === null ? undefined : rows.put(key, result, timestamp)
      tell(key, result, timestamp, null, -1, fresh)
    })
  }
}

/** The message to a table's groups about a changed row: its groups before and after. */
export interface RegroupedChange {
  readonly added: unknown
  readonly removed: unknown
}

/** Aggregates a regrouped table: subtracts the former row, adds the new one, and forwards one result. */
export function tableAggregateProcessor(store: string, aggregation: Aggregation): BuildProcessor {
  const { subtract, adders } = aggregation
  const [add] = adders
  return (context, forward, _late, name) => {
    const rows = context.keyValueStore(store)
    const tell = tellingRows(context, store, name, forward)
    return [
      (key, change: RegroupedChange, timestamp) => {
        context.operator = name
        if (key === null) {
          context.drop('null-key')
          return
        }
        const entry = rows.entry(key)
        const [before, beforeTimestamp] = [entry?.holding ?? null, entry?.timestamp ?? -1]
        let result: unknown = entry?.value ?? null
        if (change.removed !== null && result !== null && subtract)
          result = subtract(result, change.removed, key) ?? null
        if (change.added !== null && add) result = added(aggregation, add, result ?? undefined, change.added, key)
        const latest = Math.max(timestamp, beforeTimestamp)
        tell(key, result, latest, before, beforeTimestamp, rows.put(key, result, latest))
      },
    ]
  }
}

/**
 * Groups the rows of a table: informs the group that a row leaves and the group that it enters; one message if they are
 * the same.
 */
export function regroupProcessor(
  select: (value: unknown, key: unknown) => readonly [key: unknown, value: unknown],
  isSame: (left: unknown, right: unknown) => boolean,
): BuildProcessor {
  return (context, forward, _late, name) => [
    (key, value, timestamp, old) => {
      context.operator = name
      const before = old === null || old === undefined ? undefined : select(old, key)
      const after = value === null ? undefined : select(value, key)
      const hasBefore = before !== undefined && isKey(before[0])
      const hasAfter = after !== undefined && isKey(after[0])
      if ((before && !hasBefore) || (after && !hasAfter)) context.drop('null-key')
      if (hasBefore && hasAfter && isSame(before[0], after[0])) {
        forward(after[0], { added: after[1], removed: before[1] } satisfies RegroupedChange, timestamp)
        return
      }
      if (hasBefore) forward(before[0], { added: null, removed: before[1] } satisfies RegroupedChange, timestamp)
      if (hasAfter) forward(after[0], { added: after[1], removed: null } satisfies RegroupedChange, timestamp)
    },
  ]
}

function isKey(key: unknown): boolean {
  return key !== null && key !== undefined
}
