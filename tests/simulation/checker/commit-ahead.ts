import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import type { PartitionOf } from '../history/record-events.ts'
import { type Anomaly, finding } from './anomaly.ts'
import type { Facts, Read } from './facts.ts'
import { firstAfter } from './final-logs.ts'

/** What a consumer was given of a partition since it has it. */
interface Given {
  /** Those that nobody has said to be done with. */
  readonly unfinished: Map<number, EventOf<'poll'>>
  /** The one that lies last. */
  last: Read | undefined
  /** Where the first one lies. */
  first: number
  /** Handlers side by side were given a record that nobody can place: more of them may have been given out before. */
  isBlind: boolean
}

export const commitAhead: Anomaly = {
  kind: 'commit-ahead',
  meaning: 'an offset was committed behind a record that was not processed, which nobody will process after a crash',
  *find(facts) {
    const given = new Map<string, Given>()
    const aside = new Map<string, Set<number>>()
    const reads = facts.reads.values()
    for (const event of facts.events) {
      if (event.type === 'poll') {
        for (let index = 0; index < event.records.length; index++) give(given, reads.next().value as Read)
      } else if (event.type === 'commit' && event.consumer !== undefined) {
        for (const place of event.offsets) {
          const known = given.get(keyOf(event.consumer, place))
          const ahead =
            known &&
            (unfinishedBefore(known, place.offset) ??
              ungivenBefore(facts, known, place.offset, event) ??
              undecodedBefore(facts, known, place.offset, aside.get(keyOf(event.consumer, place))))
          if (!ahead) continue
          const where = `${place.topic}/${place.partition}`
          const sentence =
            `${event.consumer} commits ${where} at ${place.offset}, and ${ahead.offset} was not` + ` ${ahead.what}`
          yield finding(sentence, ahead.poll, event)
        }
      } else if (event.type === 'set-aside') {
        const key = keyOf(event.consumer, event)
        aside.set(key, (aside.get(key) ?? new Set()).add(event.offset))
      } else change(given, event)
    }
  },
}

function keyOf(consumer: string, { topic, partition }: PartitionOf): string {
  return `${consumer} ${topic}/${partition}`
}

function nothingGiven(): Given {
  return { unfinished: new Map(), last: undefined, first: Infinity, isBlind: false }
}

function give(given: Map<string, Given>, read: Read): void {
  const key = keyOf(read.poll.consumer, read.record)
  let known = given.get(key)
  const isAnew = known?.last === undefined || known.last.poll.session !== read.poll.session
  if (known?.isBlind === true && !isAnew) return
  // Offsets of several topics of one name cannot be told from one another.
  if (read.log === undefined) {
    if (read.poll.how === 'parallel') given.set(key, { ...nothingGiven(), last: read, isBlind: true })
    else given.delete(key)
    return
  }
  if (!known || isAnew || known.last?.log !== read.log) given.set(key, (known = nothingGiven()))
  known.unfinished.set(read.record.offset, read.poll)
  known.first = Math.min(known.first, read.record.offset)
  // Handlers side by side begin in an order of their own.
  if (!known.last || known.last.record.offset < read.record.offset) known.last = read
}

function change(given: Map<string, Given>, event: HistoryEvent): void {
  switch (event.type) {
    case 'processed':
      for (const place of event.records) given.get(keyOf(event.consumer, place))?.unfinished.delete(place.offset)
      break
    case 'seek':
    case 'position-reset':
      given.delete(keyOf(event.consumer, event))
      break
    case 'heartbeat-sent':
      // Who joins anew commits where it begins before its caller is told what it has: at the end, where nothing was
      // committed.
      if (event.memberEpoch === 0)
        for (const key of given.keys()) if (key.startsWith(`${event.consumer} `)) given.delete(key)
      break
    case 'assigned':
    case 'lost':
      for (const place of event.partitions) given.delete(keyOf(event.consumer, place))
      break
    default:
  }
}

interface Ahead {
  readonly offset: number
  readonly poll: EventOf<'poll'>
  readonly what: string
}

function unfinishedBefore({ unfinished }: Given, committed: number): Ahead | undefined {
  let lowest = committed
  for (const offset of unfinished.keys()) if (offset < lowest) lowest = offset
  const poll = unfinished.get(lowest)
  return lowest < committed && poll ? { offset: lowest, poll, what: 'processed' } : undefined
}

function ungivenBefore(
  facts: Facts,
  { last }: Given,
  committed: number,
  { consumer = '', sequence }: EventOf<'commit'>,
): Ahead | undefined {
  if (last?.log === undefined) return undefined
  const { offset } = last.record
  const readable = facts.finals.readableOffsets(last.log, last.poll.isolation)
  let next = firstAfter(readable, offset)
  while (next !== undefined && facts.isLeftOut(consumer, last.log, next)) next = firstAfter(readable, next)
  if (next === undefined || next >= committed) return undefined
  if (facts.removals.mayHaveJumped(consumer, last.log, offset, sequence)) return undefined
  return { offset: next, poll: last.poll, what: 'given out' }
}

/** Those that it cannot decode count as processed once they are set aside. */
function undecodedBefore(
  facts: Facts,
  { last, first }: Given,
  committed: number,
  aside: ReadonlySet<number> | undefined,
): Ahead | undefined {
  if (last?.log === undefined) return undefined
  const { log, poll } = last
  const offset = facts.finals
    .readableOffsets(log, poll.isolation)
    .find(
      (one) => one > first && one < committed && facts.isLeftOut(poll.consumer, log, one) && aside?.has(one) !== true,
    )
  return offset === undefined ? undefined : { offset, poll, what: 'set aside' }
}
