import type { CaseOutput, Operator } from './case.ts'
import { type Disagreement, latestAt, windowOfResult, without, withoutStep } from './results.ts'
import { inputsOf } from './upstream.ts'

type Cogroup = Extract<Operator, { op: 'cogroup' }>

/**
 * Whether each key differs from when on Kafka Streams tells of a window that is late by the time of all inputs of a
 * cogroup, which it refuses only by the time of one.
 */
export function areLateByInput({ operators, writers, inputs, ours, theirs }: Disagreement): boolean {
  const cogroup = writers.find((one): one is Cogroup => one.op === 'cogroup' && one.window !== undefined)
  if (cogroup?.window === undefined) return false
  const { grace, type, size } = cogroup.window
  const ahead = timeAhead(operators, cogroup)
  const isLate = (one: CaseOutput): boolean => {
    const latest = latestAt(inputs, one.step) + ahead
    const window = windowOfResult(one)
    // Where its key has no window any more, it is of one that has its time in it.
    const end = window?.end ?? one.ts + (type === 'sliding' || type === 'session' ? 0 : 1)
    return latest >= end + grace
  }
  const differing = [...without(theirs, ours, withoutStep), ...without(ours, theirs, withoutStep)]
  const late = without(theirs, ours, withoutStep).filter(isLate)
  // What is told later of the window, or of those beside it, has what was refused in it, or not.
  const follows = (one: CaseOutput): boolean =>
    late.some((first) => {
      const [window, other] = [windowOfResult(first), windowOfResult(one)]
      if (!window || !other) return first.step <= one.step
      return first.step <= one.step && window.key === other.key && Math.abs(window.start - other.start) <= 2 * size + 2
    })
  return late.length > 0 && differing.every(follows)
}

/** By how much what comes to an operator may be later than the records that it was made of. */
export function timeAhead(operators: readonly Operator[], operator: Operator): number {
  return Math.max(
    0,
    ...inputsOf(operator).map((index) => {
      const input = operators[index] as Operator
      if (input.op !== 'process') return timeAhead(operators, input)
      // What is held is handed on at the time of the clock.
      return input.does === 'hold' ? Infinity : input.shift + timeAhead(operators, input)
    }),
  )
}
