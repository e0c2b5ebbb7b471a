import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts, Read } from './facts.ts'
import { isReadable } from './final-logs.ts'

/** Where a consumer goes on by a time, in one partition. */
interface Sought {
  readonly seek: EventOf<'seek'>
  readonly timestamp: number
  /** Its caller was told that it is there. */
  isThere: boolean
}

export const startByTime: Anomaly = {
  kind: 'start-by-time',
  meaning: 'a reader that went to a time was given a record that was older, or not the first one that was as young',
  *find(facts) {
    const sought = new Map<string, Map<string, Sought>>()
    const reads = facts.reads.values()
    for (const event of facts.events) {
      if (event.type !== 'poll') move(sought, event)
      else
        for (let index = 0; index < event.records.length; index++) {
          const read = reads.next().value as Read
          const key = `${read.record.topic}/${read.record.partition}`
          const place = sought.get(event.consumer)?.get(key)
          sought.get(event.consumer)?.delete(key)
          if (place?.isThere && place.seek.session === event.session) yield* judge(facts, place, read)
        }
    }
  },
}

function move(sought: Map<string, Map<string, Sought>>, event: HistoryEvent): void {
  switch (event.type) {
    case 'seek': {
      const places = sought.get(event.consumer) ?? new Map<string, Sought>()
      sought.set(event.consumer, places)
      const key = `${event.topic}/${event.partition}`
      if (event.timestamp === undefined) places.delete(key)
      else places.set(key, { seek: event, timestamp: event.timestamp, isThere: false })
      break
    }
    case 'sought':
      for (const place of sought.get(event.consumer)?.values() ?? []) place.isThere = true
      break
    case 'assigned':
    case 'revoked':
    case 'lost':
      for (const { topic, partition } of event.partitions) sought.get(event.consumer)?.delete(`${topic}/${partition}`)
      break
    case 'position-reset':
      sought.get(event.consumer)?.delete(`${event.topic}/${event.partition}`)
      break
    case 'reading':
      sought.delete(event.consumer)
      break
    default:
  }
}

/**
 * What is written while the time is looked for may be given out or found; what lies before it may not be passed over.
 */
function* judge(facts: Facts, { seek, timestamp }: Sought, { record, log, poll }: Read): Iterable<Finding> {
  if (log === undefined || facts.topics.named(record.topic).length > 1) return
  // Where the position is gone, some begin elsewhere.
  if (facts.removals.mayHaveJumped(poll.consumer, log, -1, poll.sequence)) return
  const final = facts.finals.byLog.get(log)
  const given = facts.finals.recordAt(log, record.offset)
  const before = final?.records.filter(({ offset }) => offset < record.offset) ?? []
  const young = before.filter(({ timestamp: ms = -1 }) => ms >= timestamp)
  const isGivenOut = (offset: number): boolean => !facts.isLeftOut(poll.consumer, log, offset)
  const passed = young.find((one) => isReadable(one, poll.isolation) && isGivenOut(one.offset))
  const place = `${facts.topics.nameOf(log)}@${record.offset}`
  const where = `${poll.consumer} went to the time ${timestamp} and was given "${record.value}" at ${place}`
  if (passed) yield finding(`${where}, and not "${passed.value}" at ${passed.offset}`, seek, poll, final)
  // The first one of the time may have been one that no reader is given, or that is gone.
  const isAllThere = final?.logStartOffset === 0 && !facts.topics.topicOf(log)?.isCompacted && young.length === 0
  // For readers of committed records the end lies where a transaction is open.
  if (poll.isolation === 'read_committed' && before.some((one) => one.transaction !== 'none')) return
  const { sent, transaction } = facts.sends.get(record.value) ?? {}
  // A copy of it, from a producer that is not idempotent, may come later and lies elsewhere.
  const isThere = sent?.outcome === 'ok' && sent.partition === record.partition && sent.offset === record.offset
  const wasThere = isThere && transaction === undefined && sent.sequence < seek.sequence
  if (isAllThere && wasThere && given?.timestamp !== undefined && given.timestamp < timestamp)
    yield finding(`${where}, which is of ${given.timestamp}`, sent, seek, poll, final)
}
