import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts, SendFact } from './facts.ts'
import { nameOf, type TransactionFact } from './transactions.ts'

/**
 * Of a transaction whose end its caller knows, each record is held against that: see lost-write and failed-but-written.
 */
export const tornTransaction: Anomaly = {
  kind: 'torn-transaction',
  meaning: 'nobody knows how a transaction ended, and some of its records are committed while others are not',
  *find(facts) {
    for (const transaction of facts.transactions.all.values()) {
      if (transaction.ended && transaction.ended.outcome !== 'unknown') continue
      const committed = transaction.sends.find((fact) => fateOf(facts, fact) === 'committed')
      if (!committed) continue
      for (const fact of transaction.sends) {
        const fate = fateOf(facts, fact)
        if (fate !== 'committed' && fate !== 'nobody knows') yield tell(transaction, committed, fact, fate)
      }
    }
  },
}

function tell(transaction: TransactionFact, committed: SendFact, { send, sent }: SendFact, fate: string): Finding {
  const sentence = `of ${nameOf(transaction)} "${committed.send.value}" is committed and "${send.value}" is ${fate}`
  return finding(sentence, committed.send, send, sent, transaction.ending, transaction.ended)
}

/** What became of a record; one that was not acknowledged, or that something may have removed, need not be there. */
function fateOf(facts: Facts, { send, sent, log, offset }: SendFact): string {
  const [place, another] = facts.finals.placesOf(send.value)
  if (another) return 'nobody knows'
  if (place) return place.record.transaction
  if (sent?.outcome !== 'ok' || log === undefined || offset === undefined) return 'nobody knows'
  if (facts.removals.mayBeGone(log, offset, send.key) || facts.finals.recordAt(log, offset)) return 'nobody knows'
  return 'not there'
}
