import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts, Read } from './facts.ts'
import { nameOf, type TransactionFact } from './transactions.ts'

/*
 * Kafka lets transactions that run at the same time write between one another's records, so two of them may each be
 * behind the other (G0), and that alone is no fault. What one transaction was done with before another began is in
 * front of it, though: G0 is told against this order. What is read is another matter: who reads a committed record
 * comes after its transaction (wr), so reads may not go round in a circle (G1c); nor may they with the order of the
 * transactions of one transactional id, which follow one another.
 */

export const writeCycle: Anomaly = {
  kind: 'write-cycle',
  meaning: 'a transaction that was over when another one began has written behind it (G0)',
  *find(facts) {
    for (const [log, event] of facts.finals.byLog) {
      let latest: { readonly writer: TransactionFact; readonly offset: number } | undefined
      for (const { value, offset, transaction } of event.records) {
        const writer = transaction === 'committed' ? facts.sends.get(value)?.transaction : undefined
        if (!writer?.begun) continue
        if (latest && isOverBefore(writer, latest.writer)) {
          const place = `${facts.topics.nameOf(log)}@${offset}`
          const sentence =
            `"${value}" at ${place} of ${nameOf(writer)} lies behind ${nameOf(latest.writer)} at` +
            ` ${latest.offset}, which began later`
          yield finding(sentence, writer.ended, latest.writer.begun, event)
        }
        if (!latest || writer.begun.sequence > (latest.writer.begun?.sequence ?? 0)) latest = { writer, offset }
      }
    }
  },
}

function isOverBefore({ ended }: TransactionFact, { begun }: TransactionFact): boolean {
  return ended?.outcome === 'committed' && begun !== undefined && ended.sequence < begun.sequence
}

/** Why one transaction comes after another; without a read: it is the next one of the same transactional id. */
interface Edge {
  readonly to: TransactionFact
  readonly read?: Read
}

type Edges = ReadonlyMap<TransactionFact, readonly Edge[]>

export const readCycle: Anomaly = {
  kind: 'read-cycle',
  meaning: 'transactions have each read what another of them has written, so none can have come first (G1c)',
  *find(facts) {
    for (const cycle of cyclesOf(facts)) yield tell(cycle)
  },
}

/** The reads that are part of a cycle, which is told instead of each of them. */
export function readsInCycles(facts: Facts): ReadonlySet<Read> {
  return new Set(cyclesOf(facts).flatMap((cycle) => cycle.flatMap(({ read }) => read ?? [])))
}

function tell(cycle: readonly Edge[]): Finding {
  const names = cycle.map(
    ({ to, read }) => `${nameOf(to)}${read ? `, which read "${read.record.value}" of` : ', which follows'}`,
  )
  const last = cycle.at(-1)?.to as TransactionFact
  const sentence = `${[...names].reverse().join(' ')} ${nameOf(last)}`
  return finding(sentence, ...cycle.flatMap(({ to, read }) => [to.begun, read?.poll]))
}

function cyclesOf(facts: Facts): readonly (readonly Edge[])[] {
  const edges = edgesOf(facts)
  const cycles: Edge[][] = []
  const state = new Map<TransactionFact, 'open' | 'done'>()
  for (const start of edges.keys()) if (!state.has(start)) walk(start, edges, state, cycles)
  return cycles
}

/**
 * From depth to depth without recursion: a chain of transactions may be long. Each way back to an open one is a cycle.
 */
function walk(
  start: TransactionFact,
  edges: Edges,
  state: Map<TransactionFact, 'open' | 'done'>,
  cycles: Edge[][],
): void {
  const path: { readonly node: TransactionFact; readonly by?: Edge; next: number }[] = [{ node: start, next: 0 }]
  state.set(start, 'open')
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const edge = edges.get(top.node)?.[top.next++]
    if (!edge) {
      state.set(top.node, 'done')
      path.pop()
    } else if (!state.has(edge.to)) {
      state.set(edge.to, 'open')
      path.push({ node: edge.to, by: edge, next: 0 })
    } else if (state.get(edge.to) === 'open') {
      const from = path.findIndex(({ node }) => node === edge.to)
      cycles.push([...path.slice(from + 1).flatMap(({ by }) => by ?? []), edge])
    }
  }
}

function edgesOf({ transactions, sends }: Facts): Edges {
  const edges = new Map<TransactionFact, Edge[]>()
  const add = (from: TransactionFact, edge: Edge): void => {
    const known = edges.get(from)
    if (known) known.push(edge)
    else edges.set(from, [edge])
  }
  for (const fact of transactions.all.values()) {
    const next = transactions.of({ ...fact, transaction: fact.transaction + 1 })
    if (next) add(fact, { to: next })
    for (const read of fact.reads) {
      const writer = sends.get(read.record.value)?.transaction
      const isCommitted = read.poll.isolation === 'read_committed'
      if (writer && writer !== fact && isCommitted) add(writer, { to: fact, read })
    }
  }
  return edges
}
