import type { HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'
import type { Facts, SendFact } from './facts.ts'
import { nameOf } from './transactions.ts'

export const failedButWritten: Anomaly = {
  kind: 'failed-but-written',
  meaning: 'its sender was told that nothing was written, sends it again or tells its user so, and it is there',
  *find(facts) {
    const readOf = firstReads(facts)
    for (const fact of facts.sends.values()) {
      const { send, sent, transaction } = fact
      const isAborted = transaction?.ended?.outcome === 'aborted'
      if (sent?.outcome !== 'failed' && !isAborted) continue
      // Refused, and a copy of the request comes later, when nothing is against it any more: nobody can know of it,
      // with Apache Kafka neither.
      if (sent && !transaction && facts.isCopied(/produce$/, send, sent)) continue
      const where = whereWritten(facts, fact, readOf)
      if (!where) continue
      const said = isAborted && transaction ? `${nameOf(transaction)} was aborted` : 'its send failed'
      yield finding(
        `"${send.value}" is there, though ${said}`,
        send,
        sent,
        isAborted ? transaction?.ended : undefined,
        where,
      )
    }
  },
}

/** What an aborted transaction leaves in a log counts as not written: readers of committed records do not get it. */
function whereWritten(
  facts: Facts,
  { send, transaction }: SendFact,
  readOf: ReadonlyMap<string, HistoryEvent>,
): HistoryEvent | undefined {
  const written = facts.finals
    .placesOf(send.value)
    .find(({ record }) => !transaction || record.transaction === 'committed' || record.transaction === 'none')
  if (written) return written.event
  return transaction ? undefined : readOf.get(send.value)
}

function firstReads(facts: Facts): ReadonlyMap<string, HistoryEvent> {
  const reads = new Map<string, HistoryEvent>()
  for (const { record, poll } of facts.reads) if (!reads.has(record.value)) reads.set(record.value, poll)
  return reads
}
