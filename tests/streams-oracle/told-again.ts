import type { CaseOutput, Operator } from './case.ts'
import { inputsOf } from './upstream.ts'

/**
 * Whether a result is what is made of a row that a join by foreign key has told twice, by what groups that: a stream
 * adds it once more, a table takes it away and adds it again.
 */
export function toldAgainBehind(
  operators: readonly Operator[],
  writers: readonly Operator[],
  one: CaseOutput,
  ours: readonly CaseOutput[],
): boolean {
  return writers.some((each) => each.op === 'groupBy' && hasForeignJoin(operators, each)) && isAddedAgain(one, ours)
}

function hasForeignJoin(operators: readonly Operator[], operator: Operator): boolean {
  return inputsOf(operator).some((index) => {
    const input = operators[index] as Operator
    return (input.op === 'join' && input.key !== undefined) || hasForeignJoin(operators, input)
  })
}

function isAddedAgain(one: CaseOutput, ours: readonly CaseOutput[]): boolean {
  const key = JSON.stringify(one.key)
  const before = ours
    .slice(0, ours.lastIndexOf(one))
    .filter((other) => JSON.stringify(other.key) === key)
    .at(-1)?.value
  if (typeof one.value === 'number') return one.value === before || one.value === Number(before) + 1
  const [text, former] = [String(one.value), String(before)]
  // The long ones are shortened, so nothing tells what was added.
  if (text.includes('~')) return true
  const added = text.startsWith(former) ? text.slice(former.length) : ''
  const isTakenAway = /^-(.+)\+\1$/.exec(added)
  return isTakenAway ? former.includes(isTakenAway[1] as string) : added.startsWith('+') && former.endsWith(added)
}
