import { type Anomaly, type Finding, finding } from './anomaly.ts'
import { readsInCycles } from './cycles.ts'
import type { Facts, Read } from './facts.ts'
import { nameOf, type TransactionFact } from './transactions.ts'

export const abortedRead: Anomaly = {
  kind: 'aborted-read',
  meaning: 'a reader of committed records was given a record of a transaction that was aborted',
  *find(facts) {
    for (const read of committedReads(facts)) {
      if (fateOf(facts, read) !== 'aborted') continue
      const { ended } = writerOf(facts, read) ?? {}
      yield tell(facts, read, `, and its transaction was aborted`, ended)
    }
  },
}

export const ownUncommittedRead: Anomaly = {
  kind: 'own-uncommitted-read',
  meaning: 'a transaction was given, as committed, what it has written itself and not committed yet',
  *find(facts) {
    for (const read of earlyReads(facts)) {
      const writer = writerOf(facts, read)
      if (writer && writer === facts.transactions.of(read.poll))
        yield tell(facts, read, ` by ${nameOf(writer)}, which wrote it and was not committed`, writer.ending)
    }
  },
}

export const uncommittedRead: Anomaly = {
  kind: 'uncommitted-read',
  meaning: 'a reader of committed records was given a record before its transaction was committed',
  *find(facts) {
    const inCycles = readsInCycles(facts)
    for (const read of earlyReads(facts)) {
      const writer = writerOf(facts, read)
      const isOwn = writer !== undefined && writer === facts.transactions.of(read.poll)
      if (!isOwn && !inCycles.has(read))
        yield tell(facts, read, ', and its transaction was not committed', writer?.ending)
    }
  },
}

function tell(
  facts: Facts,
  { poll, record, log }: Read,
  what: string,
  event: Finding['events'][0] | undefined,
): Finding {
  const place = log === undefined ? `${record.topic}/${record.partition}` : facts.topics.nameOf(log)
  const sent = facts.sends.get(record.value)?.send
  return finding(`"${record.value}" was read at ${place}@${record.offset}${what}`, sent, poll, event)
}

function* committedReads({ reads }: Facts): Iterable<Read> {
  for (const read of reads) if (read.poll.isolation === 'read_committed') yield read
}

function writerOf(facts: Facts, { record }: Read): TransactionFact | undefined {
  return facts.sends.get(record.value)?.transaction
}

/** What became of the record's transaction: the log knows best. */
function fateOf(facts: Facts, read: Read): string {
  const { log, record } = read
  const final = log === undefined ? undefined : facts.finals.recordAt(log, record.offset)
  if (final?.value === record.value) return final.transaction
  return writerOf(facts, read)?.ended?.outcome ?? 'none'
}

/** Reads of records whose transaction nobody had asked to commit by then. */
function* earlyReads(facts: Facts): Iterable<Read> {
  for (const read of committedReads(facts)) {
    const fate = fateOf(facts, read)
    if (fate === 'aborted') continue
    const writer = writerOf(facts, read)
    const isAsked = writer?.ending?.how === 'commit' && writer.ending.sequence < read.poll.sequence
    if (fate === 'open' || (writer?.begun && !isAsked)) yield read
  }
}
