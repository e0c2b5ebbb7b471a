import type { WindowEntry } from '../state/window-entry.ts'
import type { WindowStore } from '../state/window-store.ts'
import type { SessionWindow } from '../windows/windows.ts'
import { type Aggregation, added } from './aggregation.ts'
import { ClosedWindows } from './emit-closed.ts'
import type { BuildProcessor } from './processor.ts'
import { tellingWindows } from './telling.ts'

/**
 * Aggregates by key and session. A record absorbs the sessions within the gap. A closed session stays as it is; it is
 * closed when its end is before stream time less grace and gap.
 */
export function sessionWindowAggregateProcessor(
  store: string,
  { gapMs, graceMs, retentionMs, emit }: SessionWindow,
  aggregation: Aggregation,
): BuildProcessor {
  const isFinal = emit === 'final'
  const { merge } = aggregation
  return (context, forward, late, name) => {
    const sessions: WindowStore = context.windowStore(store)
    const closed = isFinal
      ? new ClosedWindows(context, sessions, forward, (time) => time - graceMs - gapMs - 1)
      : undefined
    const tell = isFinal ? undefined : tellingWindows(context, store, name, forward)
    let observed = -1
    return aggregation.adders.map((add) => (key, value, timestamp) => {
      context.operator = name
      if (key === null) {
        context.drop('null-key')
        return
      }
      closed?.begin()
      observed = Math.max(observed, sessions.observedTime, timestamp)
      const closedTime = observed - graceMs - gapMs
      const near = sessions
        .overlapping(key, timestamp - gapMs, timestamp + gapMs)
        .filter((session) => session.end >= closedTime)
      let [start, end] = [timestamp, timestamp]
      // As in Kafka Streams, the initial value is merged as well, so it should be neutral.
      let aggregate: unknown = aggregation.initial?.()
      for (const session of near) {
        start = Math.min(start, session.start)
        end = Math.max(end, session.end)
        aggregate = aggregate === undefined ? session.value : merge?.(aggregate, session.value, key)
      }
      if (end < closedTime) {
        context.drop('late')
        late(key, value, timestamp)
      } else {
        const [only] = near
        const result = added(aggregation, add, aggregate, value, key)
        // Only a session of one moment keeps its window; any other is replaced, because its window may grow.
        const kept = only && start === end ? only.holding : null
        let entry: WindowEntry | undefined = kept === null ? undefined : only
        if (only && start === end) {
          if (result === null) sessions.remove(only, end)
          else sessions.update(only, result, end)
        } else {
          for (const session of near) {
            const before = session.holding
            sessions.remove(session, session.end)
            tell?.(key, session, null, session.end, before, session)
          }
          if (result !== null) entry = sessions.add(key, start, end, result, end)
        }
        tell?.(key, { start, end }, result, end, kept, entry)
      }
      sessions.advance(observed)
      closed?.emit(observed)
      sessions.forget(observed - retentionMs - gapMs - 1)
    })
  }
}
