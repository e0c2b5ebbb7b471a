import type { CaseOutput, CaseWindow, Operator } from './case.ts'
import { type Disagreement, latestAt, windowOfResult, without, withoutStep } from './results.ts'
import { inputsOf } from './upstream.ts'

type Cogroup = Extract<Operator, { op: 'cogroup' }>

/** What was refused by the time of all inputs, and when; without a key it may be of any. */
interface Late {
  readonly step: number
  readonly window: { readonly key?: string; readonly start: number } | undefined
}

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
  const late: Late[] = without(theirs, ours, withoutStep)
    .filter(isLate)
    .map((one) => ({ step: one.step, window: windowOfResult(one) }))
  // A filter may leave the late window itself out; then the record that was late for it tells of it.
  if (writers.some(({ op }) => op === 'filter')) late.push(...lateRecords(inputs, cogroup.window, ahead))
  // What is told later of the window, or of those beside it, has what was refused in it, or not.
  const follows = (one: CaseOutput): boolean =>
    late.some(({ step, window }) => {
      const other = windowOfResult(one)
      if (!window || !other) return step <= one.step
      const isOfKey = window.key === undefined || window.key === other.key
      return step <= one.step && isOfKey && Math.abs(window.start - other.start) <= 2 * size + 2
    })
  return late.length > 0 && differing.every(follows)
}

/** Records for which the window that ends with them, or one that ends soon after, was closed by all inputs. */
function lateRecords(inputs: Disagreement['inputs'], { grace, size }: CaseWindow, ahead: number): Late[] {
  return inputs.flatMap((input, step) => {
    if (!('ts' in input) || latestAt(inputs, step) + ahead <= input.ts + grace) return []
    return [{ step, window: { start: input.ts - size } }]
  })
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
