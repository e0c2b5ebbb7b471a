import type { CaseOutput, CaseWindow, Operator } from './case.ts'
import {
  type Disagreement,
  hasTimesApart,
  latestAt,
  timesBehind,
  timesOf,
  windowOfResult,
  without,
  withoutStep,
} from './results.ts'
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
    const isKept = (one: CaseOutput): boolean => !isForgotten(window, inputs, one) && !isBehindLate(window, inputs, one)
    const rest = { ...disagreement, ours: ours.filter(isKept), theirs: theirs.filter(isKept) }
    const isSame = without(rest.ours, rest.theirs).length + without(rest.theirs, rest.ours).length === 0
    return rest.ours.length < ours.length && (isSame || areSuppressedTwice(rest))
  })
}

/**
 * Whether a result is of a window that a record opens or changes only if the window of one before it is known, where
 * the store of Kafka Streams has forgotten that window. The store goes by the latest start of a window, so it forgets
 * the windows that end `size` before the first open one, or a moment before that. A record that counts in the window
 * behind such a one then misses it, and nobody knows of that record from then on: windows of later ones lack it, and
 * none begins behind it.
 */
function isForgotten({ size, grace }: CaseWindow, inputs: Disagreement['inputs'], one: CaseOutput): boolean {
  const window = windowOfResult(one)
  if (!window) return false
  const { start, end } = window
  return inputs.slice(0, one.step + 1).some((input, index) => {
    if (!('ts' in input)) return false
    const firstOpenEnd = latestAt(inputs, index) - grace
    const times = timesOf(inputs.slice(0, index))
    return [firstOpenEnd - size, firstOpenEnd - size - 1].some((before) => {
      const isBehind = input.ts > before && input.ts <= before + size
      // The store goes by the starts of windows: each lies behind a record, or `size` before one.
      const needed = before + size + grace
      const isBegun = times.some((time) => time - size >= needed || (time + 1 >= needed && time < firstOpenEnd + grace))
      if (!isBehind || !isBegun || !times.includes(before)) return false
      if (start === before + 1 || (start === before && input.ts === before + size)) return true
      return index < one.step && start <= input.ts + 1 && end >= input.ts
    })
  })
}

/**
 * Whether a result is of a window behind a record that was late for the one that ends with it, told with a record that
 * finds both in a window which begins behind yet another. Where its store has forgotten that other one, Kafka Streams
 * takes the late one for the one before.
 */
function isBehindLate({ size, grace }: CaseWindow, inputs: Disagreement['inputs'], one: CaseOutput): boolean {
  const start = windowOfResult(one)?.start
  return inputs.slice(0, one.step + 1).some((input, index) => {
    if (!('ts' in input)) return false
    const earlier = inputs.slice(0, index)
    const wasLate = earlier.some(
      (late, at) => 'ts' in late && late.ts + 1 === start && late.ts < latestAt(inputs, at) - grace,
    )
    const first = input.ts - size
    return wasLate && start !== undefined && start > first && start <= input.ts && timesOf(earlier).includes(first - 1)
  })
}

/**
 * Whether all windows that Kafka Streams tells otherwise close at the very time of a record, which still counts in
 * them: it closes them before that.
 */
function closeWithRecords({ size, grace }: CaseWindow, { writers, inputs, ours, theirs }: Disagreement): boolean {
  const list = timesBehind(writers, inputs)
  const times = new Set(list)
  return without(theirs, ours).every((one) => {
    const window = windowOfResult(one)
    // What is held has the time of the clock, so a record of the window itself may be it.
    if (window) return times.has(window.end + grace) || one.ts === window.end + grace
    // Where its key has no window any more, one that begins or ends with a record.
    return hasTimesApart(list, [grace, size + grace, size + 1 + grace])
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
