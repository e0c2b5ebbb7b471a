import type { CaseOutput, CaseWindow, Operator } from './case.ts'
import { type Disagreement, hasTimesApart, latestAt, timesOf, windowOfResult, without, withoutStep } from './results.ts'
import { isBehind } from './upstream.ts'

export function windowOf(operator: Operator): CaseWindow | undefined {
  return 'window' in operator ? operator.window : undefined
}

/** Whether windows are told before the last record that counts in them, and once more with it. */
export function areSuppressedTwice(disagreement: Disagreement): boolean {
  const { writers, ours, theirs } = disagreement
  return (
    writers.some(({ op }) => op === 'untilWindowCloses') &&
    writers.map(windowOf).some((one) => one?.type === 'sliding' && closeWithRecords(one, disagreement)) &&
    without(ours, theirs, withoutStep).length === 0
  )
}

/**
 * Whether only such windows differ, besides those that are told twice, as Kafka Streams has forgotten what they have in
 * common with an earlier one.
 */
export function areForgottenEarly(disagreement: Disagreement): boolean {
  const { writers, inputs, ours, theirs } = disagreement
  return writers.map(windowOf).some((window) => {
    if (window?.type !== 'sliding') return false
    const isKept = (one: CaseOutput): boolean => !isForgotten(window, inputs, one)
    const rest = { ...disagreement, ours: ours.filter(isKept), theirs: theirs.filter(isKept) }
    const isSame = without(rest.ours, rest.theirs).length + without(rest.theirs, rest.ours).length === 0
    return rest.ours.length < ours.length && (isSame || areSuppressedTwice(rest))
  })
}

/**
 * Whether a result is of one of the two windows that a record has together with one which lies at the very start of its
 * window, where that record is just not late: the store of Kafka Streams has forgotten the window of the one before.
 */
function isForgotten({ size, grace }: CaseWindow, inputs: Disagreement['inputs'], one: CaseOutput): boolean {
  const start = windowOfResult(one)?.start
  return inputs.slice(0, one.step + 1).some((input, index) => {
    if (!('ts' in input) || input.ts !== latestAt(inputs, index) - grace) return false
    const before = input.ts - size
    return (start === before || start === before + 1) && timesOf(inputs.slice(0, index)).includes(before)
  })
}

/**
 * Whether all windows that Kafka Streams tells otherwise close at the very time of a record, which still counts in
 * them: it closes them before that.
 */
function closeWithRecords({ size, grace }: CaseWindow, { inputs, ours, theirs }: Disagreement): boolean {
  const times = new Set(timesOf(inputs))
  return without(theirs, ours).every((one) => {
    const window = windowOfResult(one)
    // What is held has the time of the clock, so a record of the window itself may be it.
    if (window) return times.has(window.end + grace) || one.ts === window.end + grace
    // Where its key has no window any more, one that begins or ends with a record.
    return hasTimesApart(inputs, [grace, size + grace, size + 1 + grace])
  })
}

/** What gives records other times than those of the topics. */
const retiming: ReadonlySet<Operator['op']> = new Set(['process', 'aggregate', 'cogroup', 'join'])

/**
 * Whether only a count of the results of sliding windows differs: it is greater by those that Kafka Streams tells twice,
 * since a record has come a moment behind the end of a window that ends with one before it.
 */
export function areCountedAgain({ operators, writers, inputs, ours, theirs }: Disagreement): boolean {
  return writers.some((sliding) => {
    const window = windowOf(sliding)
    if (window?.type !== 'sliding' || writers.some((one) => retiming.has(one.op) && isBehind(operators, sliding, one)))
      return false
    const isCounted = writers.some(
      (one) => one.op === 'aggregate' && one.by === 'count' && isBehind(operators, one, sliding),
    )
    const first = inputs.findIndex(
      (input, index) => 'ts' in input && timesOf(inputs.slice(0, index)).includes(input.ts - window.size - 1),
    )
    const isGreater = (one: CaseOutput, list: readonly CaseOutput[]): boolean =>
      list.every((each) => withoutValue(each) !== withoutValue(one) || Number(each.value) < Number(one.value))
    return (
      isCounted &&
      first >= 0 &&
      without(ours, theirs, withoutValue).length === 0 &&
      [...without(ours, theirs), ...without(theirs, ours)].every(
        ({ step, value }) => step >= first && typeof value === 'number',
      ) &&
      without(theirs, ours).every((one) => isGreater(one, without(ours, theirs)))
    )
  })
}

function withoutValue({ step, key, ts }: CaseOutput): string {
  return JSON.stringify([step, key, ts])
}
