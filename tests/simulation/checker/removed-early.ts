import type { HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts, SendFact } from './facts.ts'
import { tombstonesGoneEarly } from './tombstones-gone-early.ts'
import type { Log } from './topics.ts'

/** What a topic has ever allowed to remove, and how late it has ever been for the server. */
interface Allowed {
  readonly ages: number[]
  readonly sizes: number[]
}

export const removedEarly: Anomaly = {
  kind: 'removed-early',
  meaning:
    'a record is gone that was neither as old nor behind as much as its topic says, or was compacted too young, ' +
    'or a tombstone before its time',
  *find(facts) {
    yield* retainedTooShortly(facts)
    yield* compactedTooYoung(facts)
    yield* tombstonesGoneEarly(facts)
  },
}

function* retainedTooShortly(facts: Facts): Iterable<Finding> {
  const allowed = new Map<string, Allowed>()
  /** Up to where somebody asked for it. */
  const asked = new Map<Log, number>()
  let latestMs = -Infinity
  for (const event of facts.events) {
    latestMs = Math.max(latestMs, serverTimeIn(event))
    if (event.type === 'topic-created' || event.type === 'topic-configured') allow(allowed, event)
    if (event.type !== 'records-removed') continue
    const { topicId, partition, why, logStartOffset, removal } = event
    const log = `${topicId}/${partition}`
    if (why === 'delete-records')
      asked.set(log, Math.max(asked.get(log) ?? 0, logStartOffset < 0 ? Infinity : logStartOffset))
    const { ages, sizes } = allowed.get(topicId) ?? {}
    if (!removal || !ages || !sizes || logStartOffset <= (asked.get(log) ?? 0)) continue
    const { newestMs, keptBytes } = removal
    if (ages.some((ageMs) => newestMs < latestMs - ageMs) || sizes.some((bytes) => keptBytes >= bytes)) continue
    const what = `${facts.topics.nameOf(log)} begins at ${logStartOffset}, behind a record of ${newestMs}`
    const by = `when ${keptBytes} bytes were left and it was ${latestMs} at the latest`
    yield finding(`${what}, ${by}`, event)
  }
}

function allow(allowed: Map<string, Allowed>, { topicId, retentionMs = -1, retentionBytes = -1 }: Settings): void {
  const { ages, sizes } = allowed.get(topicId) ?? { ages: [], sizes: [] }
  allowed.set(topicId, { ages, sizes })
  if (retentionMs >= 0) ages.push(retentionMs)
  if (retentionBytes >= 0) sizes.push(retentionBytes)
}

interface Settings {
  readonly topicId: string
  readonly retentionMs?: number
  readonly retentionBytes?: number
}

/** By the clock of the server, as far as an event tells it. */
function serverTimeIn(event: HistoryEvent): number {
  if (event.type === 'records-removed') return event.removal?.serverMs ?? -Infinity
  return 'serverMs' in event ? (event.serverMs ?? -Infinity) : -Infinity
}

function* compactedTooYoung(facts: Facts): Iterable<Finding> {
  let latestMs = -Infinity
  for (const event of facts.events) latestMs = Math.max(latestMs, serverTimeIn(event))
  for (const fact of facts.sends.values()) {
    const { send, sent, log, offset, transaction } = fact
    if (log === undefined || offset === undefined || transaction) continue
    const { minCompactionLagMs = 0, isDeleted = true } = facts.topics.topicOf(log) ?? {}
    const timestamp = timestampOf(facts, fact)
    // Without a lag nobody is too young, whatever time a record says.
    if (isDeleted || !(minCompactionLagMs > 0) || timestamp === undefined) continue
    if (timestamp <= latestMs - minCompactionLagMs || !isCompacted(facts, fact)) continue
    const what = `"${send.value}" of ${timestamp} was acknowledged at ${facts.topics.nameOf(log)}@${offset} and is gone`
    const why = `though it was ${latestMs} at the latest, and ${minCompactionLagMs} ms have to pass before`
    yield finding(`${what}, ${why}`, send, sent, facts.finals.byLog.get(log))
  }
}

function timestampOf(facts: Facts, { send, sent, log }: SendFact): number | undefined {
  const isAppendTime = facts.topics.topicOf(log ?? '')?.isAppendTime
  if (isAppendTime?.size !== 1) return undefined
  return isAppendTime.has(true) ? sent?.timestamp : send.timestamp
}

/** A later one of its key has taken its place, if nothing else has. */
function isCompacted({ finals, removals }: Facts, { send, log, offset }: SendFact): boolean {
  if (log === undefined || offset === undefined) return false
  return !finals.recordAt(log, offset) && removals.isCompacted(log, offset, send.key)
}
