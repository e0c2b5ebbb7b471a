import type { EventOf } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'
import type { Log } from './topics.ts'

export const unseen: Anomaly = {
  kind: 'unseen',
  meaning: 'a record is in the log and was never given to a reader, or a group, that had the time to come to the end',
  *find(facts) {
    if (!facts.end) return
    const seen = seenOf(facts)
    const seenSomewhere = seenWithoutLog(facts)
    const floors = floorsOf(facts)
    for (const [reader, reading] of demandingReaders(facts)) {
      for (const [log, event] of facts.finals.byLog) {
        if (!reading.topics.includes(event.topic)) continue
        const floor = Math.max(floors.get(`${reader} ${event.topic}/${event.partition}`) ?? 0, 0)
        for (const offset of facts.finals.readableOffsets(log, reading.isolation)) {
          if (offset < floor || seen.get(reader)?.get(log)?.has(offset)) continue
          const value = facts.finals.recordAt(log, offset)?.value ?? ''
          if (seenSomewhere.has(`${reader} ${value}`)) continue
          const send = facts.sends.get(value)
          const sentence = `"${value}" at ${facts.topics.nameOf(log)}@${offset} was never given to ${reader}`
          yield finding(sentence, reading, send?.send, send?.sent, event)
        }
      }
    }
  },
}

/**
 * Readers from the beginning that are to see all, by group or else by consumer. A killed reader without a group sees no
 * more.
 */
function demandingReaders(facts: Facts): ReadonlyMap<string, EventOf<'reading'>> {
  const readers = new Map<string, EventOf<'reading'>>()
  const endsAt = facts.end?.sequence ?? Infinity
  for (const reading of facts.of('reading')) {
    // Who begins when everybody is being ended has not the time.
    if (reading.sequence > endsAt) continue
    if (!reading.isToSeeAll || reading.from !== 'earliest') continue
    if (reading.group === undefined && facts.killed.has(reading.process)) continue
    const reader = reading.group ?? reading.consumer
    if (!readers.has(reader)) readers.set(reader, reading)
  }
  return readers
}

/** What was given out, or set aside. */
function seenOf(facts: Facts): ReadonlyMap<string, ReadonlyMap<Log, ReadonlySet<number>>> {
  const seen = new Map<string, Map<Log, Set<number>>>()
  const see = (reader: string, log: Log | undefined, offset: number): void => {
    if (log === undefined) return
    let logs = seen.get(reader)
    if (!logs) seen.set(reader, (logs = new Map()))
    const offsets = logs.get(log)
    if (offsets) offsets.add(offset)
    else logs.set(log, new Set([offset]))
  }
  for (const { poll, record, log } of facts.reads) see(poll.group ?? poll.consumer, log, record.offset)
  for (const { group, consumer, ...place } of facts.of('set-aside'))
    see(group ?? consumer, facts.topics.logOf(place), place.offset)
  return seen
}

/** What was given to readers of one of several topics of a name, nobody knows which. */
function seenWithoutLog({ reads }: Facts): ReadonlySet<string> {
  const unplaced = reads.filter(({ log }) => log === undefined)
  return new Set(unplaced.map(({ poll, record }) => `${poll.group ?? poll.consumer} ${record.value}`))
}

/** Up to where a reader was told to pass over records: by a caller, an admin, or as its position was gone. */
function floorsOf(facts: Facts): ReadonlyMap<string, number> {
  const floors = new Map<string, number>()
  const groups = new Map(facts.of('reading').map(({ consumer, group }) => [consumer, group ?? consumer]))
  const raise = (reader: string, topic: string, partition: number, offset: number): void => {
    const key = `${reader} ${topic}/${partition}`
    floors.set(key, Math.max(offset, floors.get(key) ?? 0))
  }
  for (const type of ['seek', 'position-reset'] as const)
    for (const { consumer, topic, partition, offset = Infinity } of facts.of(type))
      raise(groups.get(consumer) ?? consumer, topic, partition, offset)
  for (const { group, offsets } of facts.of('offsets-reset'))
    for (const { topic, partition, offset } of offsets) raise(group, topic, partition, offset)
  return floors
}
