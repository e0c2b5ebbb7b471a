import type { EventOf } from '../history/history-event.ts'
import { type Finding, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'

/**
 * Tombstones that went before `delete.retention.ms` were over since they could have been cleaned for the first time.
 */
export function* tombstonesGoneEarly(facts: Facts): Iterable<Finding> {
  for (const event of facts.of('tombstone-removed')) {
    const { topicId, partition, offset, key } = event
    const log = `${topicId}/${partition}`
    const { deleteRetentionMs = Infinity, isKnown = false } = facts.topics.topicOf(log) ?? {}
    const stayedMs = longestStayMs(facts, event)
    if (!isKnown || stayedMs >= deleteRetentionMs) continue
    const what = `the tombstone of "${key}" at ${facts.topics.nameOf(log)}@${offset} is gone`
    yield finding(`${what} after ${stayedMs} ms at most, and had to stay for ${deleteRetentionMs} ms`, event)
  }
}

/**
 * How long it was there by the clock of the server, at most: that may have been set meanwhile, before or after the
 * cleaning.
 */
function longestStayMs(facts: Facts, { since, keptMs, serverMs, sequence }: EventOf<'tombstone-removed'>): number {
  let [earliestMs, stayedMs] = [keptMs, 0]
  const read = (timeMs: number): void => {
    stayedMs = Math.max(stayedMs, timeMs - earliestMs)
    earliestMs = Math.min(earliestMs, timeMs)
  }
  for (const set of facts.of('clock-set')) {
    if (set.clock !== 'server' || set.serverMs === undefined || set.sequence < since || set.sequence > sequence)
      continue
    read(set.serverMs)
    read(set.serverMs + set.byMs)
  }
  read(serverMs)
  return stayedMs
}
