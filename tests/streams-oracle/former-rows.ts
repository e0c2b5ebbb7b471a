import type { CaseInput, CaseOutput, Operator } from './case.ts'
import { timeAhead } from './late-by-input.ts'
import { type Disagreement, latestAt, timesOf, without } from './results.ts'
import { is } from './traits.ts'
import { isBehind } from './upstream.ts'

type GraceJoin = Extract<Operator, { op: 'join' }> & { readonly grace: number }

/**
 * Whether only what is made of records differs that were later than the grace of a join with a table. These ask for
 * rows of times that both forget as they please.
 */
export function haveFormerRows({ operators, writers, inputs, ours, theirs }: Disagreement): boolean {
  const joins = writers.filter(isGraceJoin)
  return joins.some((join) => {
    const differing = [...without(ours, theirs), ...without(theirs, ours)]
    const ahead = writers.some((one) => is(one, 'retiming')) ? timeAhead(operators, join) : undefined
    const isRemembered = writers.some((one) => is(one, 'remembering') && isBehind(operators, one, join))
    if (isRemembered) {
      const first = firstLate(inputs, join.grace, ahead)
      return differing.every(({ step }) => step >= first)
    }
    const late = lateTimes(inputs, join.grace)
    const isLate = ({ ts, step }: CaseOutput): boolean =>
      ahead === undefined ? late.has(ts) : latestAt(inputs, step) + ahead - ts > join.grace
    return differing.every(isLate)
  })
}

function isGraceJoin(operator: Operator): operator is GraceJoin {
  return operator.op === 'join' && operator.grace !== undefined && operator.before === undefined
}

/** The times of the records that are earlier than one before them, by more than so much. */
function lateTimes(inputs: readonly CaseInput[], by: number): ReadonlySet<number> {
  const times = timesOf(inputs)
  return new Set(times.filter((time, index) => times.slice(0, index).some((before) => time < before - by)))
}

/**
 * The first step at which a record may be so late. @param ahead by how much times may be later than those of the topics
 */
function firstLate(inputs: readonly CaseInput[], by: number, ahead: number | undefined): number {
  const step = inputs.findIndex((input, index) => {
    if (!('ts' in input)) return false
    const times = ahead === undefined ? [input.ts] : timesOf(inputs.slice(0, index + 1))
    return times.some((time) => time < latestAt(inputs, index) + (ahead ?? 0) - by)
  })
  return step < 0 ? Infinity : step
}
