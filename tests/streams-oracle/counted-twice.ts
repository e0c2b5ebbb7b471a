import type { CaseInput, CaseOutput, Operator } from './case.ts'
import { type Disagreement, timesOf, windowOfResult, without } from './results.ts'

/**
 * Whether only what is made of sessions differs that were changed by another record of their only moment: Kafka Streams
 * does not take away what they were. So whoever groups them adds once more, and a filter says nothing of a row that
 * leaves its result. All that it tells is told here as well, but for a session that is held back behind such a filter
 * and what is joined with a row that it has kept, and never before there is such a record.
 */
export function areCountedTwice({ writers, inputs, ours, theirs }: Disagreement): boolean {
  if (!writers.some((one) => 'window' in one && one.window?.type === 'session')) return false
  const isGrouped = writers.some(({ op }) => op === 'groupBy')
  if (!isGrouped && !writers.some(({ op }) => op === 'filter')) return false
  const first = firstOfOneMoment(writers, inputs)
  const [onlyOurs, onlyTheirs] = [without(ours, theirs), without(theirs, ours)]
  if ([...onlyOurs, ...onlyTheirs].some(({ step }) => step < first)) return false
  const isJoined = writers.some(({ op }) => op === 'join')
  // A row that has not been taken away there meets what comes later.
  const isOfKept = (one: CaseOutput): boolean =>
    isJoined && [...onlyOurs, ...onlyTheirs].some((other) => other.step < one.step && isOfSameKey(one, other))
  return isGrouped
    ? without(theirs, ours, withoutValue).every(isOfKept)
    : onlyTheirs.every((one) => isHeldBack(one, writers, inputs)) && onlyOurs.every(({ value }) => value === null)
}

/** Whether it is a session of one moment, of which there are several records, that was held back until it closed. */
function isHeldBack(one: CaseOutput, writers: readonly Operator[], inputs: readonly CaseInput[]): boolean {
  const window = windowOfResult(one)
  return (
    window !== undefined &&
    window.start === window.end &&
    writers.some(({ op }) => op === 'untilWindowCloses') &&
    timesOf(inputs.slice(0, one.step)).filter((time) => time === window.start).length > 1
  )
}

/** The first step with a record of a time that one before it had, by the input or by what is made of it. */
function firstOfOneMoment(writers: readonly Operator[], inputs: readonly CaseInput[]): number {
  const areMade = writers.some((one) => one.op.startsWith('flatMap') || one.op === 'process' || one.op === 'join')
  if (areMade) return 0
  const step = inputs.findIndex(
    (input, index) =>
      'ts' in input && inputs.slice(0, index).some((before) => 'ts' in before && before.ts === input.ts),
  )
  return step < 0 ? Infinity : step
}

function isOfSameKey(one: CaseOutput, other: CaseOutput): boolean {
  return JSON.stringify(one.key) === JSON.stringify(other.key)
}

function withoutValue({ step, key, ts }: CaseOutput): string {
  return JSON.stringify([step, key, ts])
}
