import type { WindowStore } from '../state/window-store.ts'
import type { TimeWindow, UnlimitedWindow } from '../windows/windows.ts'
import { type Aggregation, added } from './aggregation.ts'
import { ClosedWindows } from './emit-closed.ts'
import type { BuildProcessor } from './processor.ts'
import { tellingWindows } from './telling.ts'

/**
 * Aggregates by key and tumbling, hopping or unlimited window. A window accepts records while its end is later than
 * stream time less the grace.
 */
export function timeWindowAggregateProcessor(
  store: string,
  window: TimeWindow | UnlimitedWindow,
  aggregation: Aggregation,
): BuildProcessor {
  const { graceMs, retentionMs } = window
  const isFinal = window.emit === 'final'
  const [sizeMs, advanceMs] = window.type === 'unlimited' ? [Infinity, Infinity] : [window.sizeMs, window.advanceMs]
  const firstStart = (timestamp: number): number =>
    window.type === 'unlimited'
      ? window.startMs
      : Math.floor(Math.max(0, timestamp - sizeMs + advanceMs) / advanceMs) * advanceMs
  return (context, forward, late, name) => {
    const windows: WindowStore = context.windowStore(store)
    const closed = isFinal ? new ClosedWindows(context, windows, forward, (time) => time - graceMs) : undefined
    const tell = isFinal ? undefined : tellingWindows(context, store, name, forward)
    let observed = -1
    return aggregation.adders.map((add) => (key, value, timestamp) => {
      if (key === null) {
        context.drop('null-key')
        return
      }
      closed?.begin()
      observed = Math.max(observed, windows.observedTime, timestamp)
      const closedTime = observed - graceMs
      let isTaken = false
      let isLate = false
      for (let start = firstStart(timestamp); start <= timestamp; start += advanceMs) {
        const end = start + sizeMs
        if (end <= closedTime) {
          context.drop('late')
          isLate = true
          continue
        }
        isTaken = true
        context.operator = name
        let entry = windows.find(key, start)
        const before = entry?.holding ?? null
        const result = added(aggregation, add, entry?.value ?? undefined, value, key)
        const latest = entry && entry.timestamp > timestamp ? entry.timestamp : timestamp
        if (!entry) {
          if (result !== null) entry = windows.add(key, start, end, result, latest)
        } else if (result === null) windows.remove(entry, latest)
        else windows.update(entry, result, latest)
        tell?.(key, { start, end }, result, latest, before, entry)
      }
      if (isLate && !isTaken) late(key, value, timestamp)
      windows.advance(observed)
      closed?.emit(observed)
      windows.forget(observed - retentionMs)
    })
  }
}
