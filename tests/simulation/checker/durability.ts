import type { HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'
import type { Log } from './topics.ts'

export const acknowledgedBeforeSync: Anomaly = {
  kind: 'acknowledged-before-sync',
  meaning: 'somebody was told of a record that a crash could still have taken back',
  *find(facts) {
    if (facts.of('synced').length === 0) return
    const durable = new Map<Log, number>()
    const toldOf = new Set<string>()
    for (const event of facts.events) {
      if (event.type === 'synced')
        for (const { topicId, partition, endOffset } of event.logs) {
          const log = `${topicId}/${partition}`
          durable.set(log, Math.max(endOffset, durable.get(log) ?? 0))
        }
      for (const { log, offset, what } of toldBy(facts, event)) {
        const end = durable.get(log) ?? 0
        if (offset < end || toldOf.has(`${log}@${offset}`)) continue
        toldOf.add(`${log}@${offset}`)
        yield tell(facts, event, `${what} ${facts.topics.nameOf(log)}@${offset}`, end)
      }
    }
  },
}

function tell(facts: Facts, event: HistoryEvent, what: string, end: number): Finding {
  const sync = facts.of('synced').find(({ sequence }) => sequence > event.sequence)
  return finding(`${what}, when only what lies before ${end} was synced`, event, sync)
}

interface Told {
  readonly log: Log
  readonly offset: number
  readonly what: string
}

/** The offsets that an event says are there. */
function* toldBy(facts: Facts, event: HistoryEvent): Iterable<Told> {
  if (event.type === 'sent') {
    const { log, offset } = facts.sends.get(event.value) ?? {}
    if (log !== undefined && offset !== undefined) yield { log, offset, what: `"${event.value}" was acknowledged at` }
  } else if (event.type === 'poll') {
    for (const record of event.records) {
      const log = facts.logOfRead(record, event)
      if (log === undefined) continue
      yield { log, offset: record.offset, what: `"${record.value}" was read at` }
      // That it is committed says a marker, which lies behind it at least.
      if (
        event.isolation === 'read_committed' &&
        facts.finals.recordAt(log, record.offset)?.transaction === 'committed'
      )
        yield {
          log,
          offset: record.offset + 1,
          what: `"${record.value}" was read as committed, by a marker that lies at or behind`,
        }
    }
  } else if (event.type === 'watermarks' && event.highWatermark !== undefined && event.highWatermark > 0) {
    const log = `${event.topicId}/${event.partition}`
    yield { log, offset: event.highWatermark - 1, what: 'a high watermark was told right after' }
  }
}
