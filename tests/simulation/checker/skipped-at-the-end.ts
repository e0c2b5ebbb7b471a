import { EndReaders, type Owed } from '../history/end-readers.ts'
import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import type { FinalRecord } from '../history/log-events.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts, Read } from './facts.ts'
import { isReadable } from './final-logs.ts'
import type { Log } from './topics.ts'

export const skippedAtTheEnd: Anomaly = {
  kind: 'skipped-at-the-end',
  meaning: 'a reader that begins at the end is not given a record that was sent after it was told of its partition',
  *find(facts) {
    const readers = new EndReaders()
    const seen = new Seen()
    const reads = facts.reads.values()
    /** Who has read of which partition since it was told of it. */
    const begun = new Set<string>()
    for (const event of facts.events) {
      readers.follow(event)
      if (event.type === 'set-aside') seen.add(event.group ?? event.consumer, facts.topics.logOf(event), event.offset)
      if (event.type === 'final-polls-over')
        for (const owed of readers.owed) yield* missing(facts, owed, seen, Infinity, event)
      if (event.type !== 'poll') continue
      for (let index = 0; index < event.records.length; index++) {
        const read = reads.next().value as Read
        yield* passedOver(facts, readers, seen, begun, read)
        seen.add(event.group ?? event.consumer, read.log, read.record.offset)
      }
    }
  },
}

/** What each reader was given so far. */
class Seen {
  readonly #places = new Set<string>()

  add(reader: string, log: Log | undefined, offset: number): void {
    this.#places.add(`${reader} ${log}@${offset}`)
  }

  has(reader: string, log: Log, offset: number): boolean {
    return this.#places.has(`${reader} ${log}@${offset}`)
  }
}

/** With the first record of a partition all before it are passed over. */
function* passedOver(
  facts: Facts,
  readers: EndReaders,
  seen: Seen,
  begun: Set<string>,
  { poll, record }: Read,
): Iterable<Finding> {
  // Handlers side by side begin in an order of their own.
  if (poll.how === 'parallel') return
  const owed = readers.owedTo(poll.consumer, record)
  const stay = `${owed?.holder?.sequence} ${record.topic}/${record.partition}`
  if (!owed || begun.has(stay)) return
  begun.add(stay)
  yield* missing(facts, owed, seen, record.offset, poll)
}

function* missing(
  facts: Facts,
  { reader, topic, partition, isolation, assigned, holder }: Owed,
  seen: Seen,
  beforeOffset: number,
  event: HistoryEvent,
): Iterable<Finding> {
  const log = wholeLog(facts, topic, partition)
  if (!log) return
  const name = `${log.topicId}/${partition}`
  const isOwed = ({ value }: FinalRecord): boolean => {
    const { send, sent } = facts.sends.get(value) ?? {}
    // What lies before one that was read was there. In the end, what is still under way may come too late.
    const isThere = beforeOffset < Infinity || (sent !== undefined && sent.sequence < event.sequence)
    return send !== undefined && send.sequence > assigned.sequence && isThere
  }
  for (const record of log.records) {
    if (record.offset >= beforeOffset || !isReadable(record, isolation) || !isOwed(record)) continue
    if (seen.has(reader, name, record.offset)) continue
    if (holder && facts.isLeftOut(holder.consumer, name, record.offset)) continue
    const { send, sent } = facts.sends.get(record.value) ?? {}
    const sentence = `"${record.value}" at ${topic}/${partition}@${record.offset} was not given to ${reader}`
    yield finding(sentence, assigned, holder, send, sent, event)
    // What follows is passed over for the same reason.
    return
  }
}

/** Undefined where records were removed, or where it is not the only one of its name. */
function wholeLog({ topics, finals }: Facts, topic: string, partition: number): EventOf<'final-log'> | undefined {
  const [fact, ...others] = topics.named(topic)
  if (!fact || others.length > 0 || fact.isCompacted || fact.hasRetention || fact.isDeleted) return undefined
  const log = finals.byLog.get(`${fact.topicId}/${partition}`)
  return log?.logStartOffset === 0 ? log : undefined
}
