import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts, Read, SendFact } from './facts.ts'
import { nameOf } from './transactions.ts'

export const lostWrite: Anomaly = {
  kind: 'lost-write',
  meaning:
    'a record that was acknowledged, or that somebody has read, is not in the log, and nothing was allowed to ' +
    'remove it',
  *find(facts) {
    const lost = new Set<string>()
    for (const fact of facts.sends.values()) {
      const found = fact.transaction ? lostOfTransaction(facts, fact) : lostAlone(facts, fact)
      if (!found) continue
      lost.add(fact.send.value)
      yield found
    }
    for (const read of facts.reads) {
      if (lost.has(read.record.value) || !isGone(facts, read)) continue
      lost.add(read.record.value)
      const { value, offset } = read.record
      yield finding(
        `"${value}" was read at ${facts.topics.nameOf(read.log ?? '')}@${offset} and is not there`,
        read.poll,
      )
    }
  },
}

function lostAlone(facts: Facts, { send, sent, log, offset }: SendFact): Finding | undefined {
  if (log === undefined || offset === undefined || facts.finals.placesOf(send.value).length > 0) return undefined
  // What lies at its place instead is told by its own kind.
  if (facts.removals.mayBeGone(log, offset, send.key) || facts.finals.recordAt(log, offset)) return undefined
  const place = `${facts.topics.nameOf(log)}@${offset}`
  return finding(`"${send.value}" was acknowledged at ${place} and is not there`, send, sent)
}

function lostOfTransaction(facts: Facts, { send, sent, log, offset, transaction }: SendFact): Finding | undefined {
  if (transaction?.ended?.outcome !== 'committed' || sent?.outcome !== 'ok' || log === undefined) return undefined
  const what = `"${send.value}" belongs to ${nameOf(transaction)}, which was committed,`
  const [place] = facts.finals.placesOf(send.value)
  if (place) {
    if (place.record.transaction === 'committed') return undefined
    return finding(`${what} and the log says ${place.record.transaction}`, send, sent, transaction.ended, place.event)
  }
  if (facts.removals.mayBeGone(log, offset ?? 0, send.key)) return undefined
  if (offset !== undefined && facts.finals.recordAt(log, offset)) return undefined
  return finding(`${what} and is not in ${facts.topics.nameOf(log)}`, send, sent, transaction.ended)
}

function isGone(facts: Facts, { record, log }: Read): boolean {
  if (log === undefined || facts.finals.recordAt(log, record.offset)) return false
  return !facts.removals.mayBeGone(log, record.offset, facts.sends.get(record.value)?.send.key)
}
