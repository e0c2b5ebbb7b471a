import type { EventOf } from '../history/history-event.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'
import type { Log } from './topics.ts'

export const resurrectedKey: Anomaly = {
  kind: 'resurrected-key',
  meaning: 'a value of a key is back that a tombstone has deleted: the tombstone went, and the value before it did not',
  *find(facts) {
    yield* backInLogs(facts)
    yield* backForReaders(facts)
  },
}

/** Where a tombstone was acknowledged, nothing of its key lies after that, and something before. */
function* backInLogs(facts: Facts): Iterable<Finding> {
  const told = new Set<string>()
  for (const { send, sent, log, offset, transaction } of facts.sends.values()) {
    const { key } = send
    if (!send.isTombstone || key === undefined || log === undefined || offset === undefined || transaction) continue
    const { isCompacted, isDeleted } = facts.topics.topicOf(log) ?? {}
    const last = facts.finals.lastOffsetOf(log, key)
    if (!isCompacted || isDeleted || last < 0 || last >= offset || told.has(`${log} ${key}`)) continue
    told.add(`${log} ${key}`)
    const back = facts.finals.recordAt(log, last)
    const what = `"${back?.value}" of "${key}" lies at ${facts.topics.nameOf(log)}@${last}`
    yield finding(`${what}, and its tombstone of ${offset} does not any more`, send, sent, facts.finals.byLog.get(log))
  }
}

/** Who begins to read when a tombstone is gone is not given anything from before it. */
function* backForReaders(facts: Facts): Iterable<Finding> {
  const removed = new Map<string, EventOf<'tombstone-removed'>[]>()
  for (const event of facts.of('tombstone-removed')) {
    const place = placeOf(`${event.topicId}/${event.partition}`, event.key)
    removed.set(place, [...(removed.get(place) ?? []), event])
  }
  if (removed.size === 0) return
  const beginnings = new Map<string, EventOf<'reading'>[]>()
  for (const reading of facts.of('reading'))
    beginnings.set(reading.consumer, [...(beginnings.get(reading.consumer) ?? []), reading])
  for (const { poll, record, log } of facts.reads) {
    const key = facts.sends.get(record.value)?.send.key
    if (log === undefined || key === undefined) continue
    const began = beginnings.get(poll.consumer)?.findLast(({ sequence }) => sequence < poll.sequence)
    const gone = removed
      .get(placeOf(log, key))
      ?.find(({ sequence, offset }) => offset > record.offset && sequence < (began?.sequence ?? 0))
    if (!gone) continue
    const where = `${facts.topics.nameOf(log)}@${record.offset}`
    const what = `${poll.consumer} was given "${record.value}" of "${key}" at ${where}`
    yield finding(`${what}, and began when the tombstone of ${gone.offset} was gone`, gone, began, poll)
  }
}

function placeOf(log: Log, key: string): string {
  return `${log} ${key}`
}
