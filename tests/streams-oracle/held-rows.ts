import type { CaseOutput, Operator } from './case.ts'
import { type Disagreement, timesBehind, windowOf, windowOfResult, without } from './results.ts'
import { is } from './traits.ts'
import { isBehind } from './upstream.ts'

/**
 * Whether only removals differ that a filter tells of rows that may never have been forwarded. One of Kafka Streams
 * that ours lacks is of a row that is not there.
 */
export function areRemovedUnseen({ operators, writers, ours, theirs }: Disagreement): boolean {
  const [onlyOurs, onlyTheirs] = [without(ours, theirs), without(theirs, ours)]
  const filters = writers.filter(({ op }) => op === 'filter')
  // Behind another key nobody knows which of the rows with that key it is of.
  const isRekeyed = writers.some(
    (one) => is(one, 'rekeying') && filters.some((filter) => isBehind(operators, one, filter)),
  )
  const isGone = (removal: CaseOutput): boolean => {
    const rows = theirs.slice(0, theirs.indexOf(removal))
    return (rows.findLast(({ key }) => JSON.stringify(key) === JSON.stringify(removal.key))?.value ?? null) === null
  }
  return (
    writers.some((one) => is(one, 'holding') || windowOf(one)?.type === 'sliding') &&
    filters.length > 0 &&
    [...onlyOurs, ...onlyTheirs].every(({ value }) => value === null) &&
    (isRekeyed || onlyTheirs.every(isGone))
  )
}

/**
 * Whether only the times of results differ that a join of tables has made with a row that `suppress` holds back: those
 * of Kafka Streams are earlier, as it leaves out the time of that row.
 */
export function areTimesOfHeldRows({ operators, writers, inputs, ours, theirs }: Disagreement): boolean {
  const isJoinOfHeld = (one: Operator): boolean =>
    one.op === 'join' &&
    isTable(operators, one.from) &&
    writers.some((held) => held.op === 'suppress' && isBehind(operators, one, held))
  if (!writers.some(isJoinOfHeld)) return false
  if (without(ours, theirs, withoutTime).length > 0 || without(theirs, ours, withoutTime).length > 0) return false
  const [onlyOurs, onlyTheirs] = [without(ours, theirs), without(theirs, ours)].map(byContent) as [
    CaseOutput[],
    CaseOutput[],
  ]
  return onlyOurs.every((one, index) => {
    const other = onlyTheirs[index] as CaseOutput
    const times = timesBehind(writers, inputs.slice(0, one.step + 1))
    return other.ts < one.ts && times.includes(other.ts) && times.includes(one.ts) && !windowOfResult(one)
  })
}

/** Whether an operator makes a table. */
function isTable(operators: readonly Operator[], index: number): boolean {
  const one = operators[index] as Operator
  return is(one, 'tabling') || (is(one, 'alike') && 'from' in one && isTable(operators, one.from))
}

function byContent(list: readonly CaseOutput[]): CaseOutput[] {
  return list.toSorted((one, other) => withoutTime(one).localeCompare(withoutTime(other)) || one.ts - other.ts)
}

export function withoutTime({ step, key, value }: CaseOutput): string {
  return JSON.stringify([step, key, value])
}
