import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'
import type { Log } from './topics.ts'

interface Sighting {
  readonly value: string
  readonly event: HistoryEvent
}

interface Contradiction {
  readonly log: Log
  readonly offset: number
  readonly first: Sighting
  readonly second: Sighting
}

export const inconsistentOffsets: Anomaly = {
  kind: 'inconsistent-offsets',
  meaning: 'one offset of a log holds different records for different people, or a record lies elsewhere than was said',
  *find(facts) {
    for (const contradiction of contradictions(facts))
      if (!crashBetween(facts, contradiction)) yield tell(facts, contradiction)
    for (const { send, sent, log, offset } of facts.sends.values()) {
      if (log === undefined || offset === undefined || facts.finals.recordAt(log, offset)) continue
      const places = facts.finals.placesOf(send.value)
      if (places.length !== 1 || facts.removals.mayBeGone(log, offset, send.key)) continue
      const [{ log: found, record, event }] = places as [(typeof places)[0] & object]
      const where = `${facts.topics.nameOf(log)}@${offset} and lies at ${facts.topics.nameOf(found)}@${record.offset}`
      yield finding(`"${send.value}" was acknowledged at ${where}`, send, sent, event)
    }
  },
}

export const offsetReused: Anomaly = {
  kind: 'offset-reused',
  meaning: 'an offset that somebody has seen was given to another record after a crash',
  *find(facts) {
    for (const contradiction of contradictions(facts)) {
      const crash = crashBetween(facts, contradiction)
      if (crash) yield tell(facts, contradiction, crash)
    }
  },
}

function tell(facts: Facts, { log, offset, first, second }: Contradiction, crash?: HistoryEvent): Finding {
  const place = `${facts.topics.nameOf(log)}@${offset}`
  const when = crash ? ` after the crash of ${crash.process}` : ''
  return finding(`${place} was "${first.value}" and is "${second.value}"${when}`, first.event, crash, second.event)
}

function crashBetween(facts: Facts, { first, second }: Contradiction): EventOf<'crash'> | undefined {
  const [from, to] = [first.event.sequence, second.event.sequence]
  return facts.of('crash').find(({ sequence }) => sequence > from && sequence < to)
}

/** Everybody who has seen an offset, against the first who has. */
function contradictions(facts: Facts): readonly Contradiction[] {
  const seen = new Map<Log, Map<number, Sighting>>()
  const found: Contradiction[] = []
  const see = (log: Log, offset: number, value: string, event: HistoryEvent): void => {
    let offsets = seen.get(log)
    if (!offsets) seen.set(log, (offsets = new Map()))
    const first = offsets.get(offset)
    if (!first) offsets.set(offset, { value, event })
    else if (first.value !== value) {
      const second = { value, event }
      const isInOrder = first.event.sequence <= event.sequence
      found.push({ log, offset, first: isInOrder ? first : second, second: isInOrder ? second : first })
    }
  }
  for (const { send, sent, log, offset } of facts.sends.values())
    if (log !== undefined && offset !== undefined && sent) see(log, offset, send.value, sent)
  for (const { log, record, poll } of facts.reads) if (log !== undefined) see(log, record.offset, record.value, poll)
  for (const [log, event] of facts.finals.byLog)
    for (const { offset, value } of event.records) see(log, offset, value, event)
  return found
}
