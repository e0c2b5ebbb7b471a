import type { CaseInput, CaseOutput, Operator } from './case.ts'
import { type Disagreement, timesOf, windowOfResult, without } from './results.ts'
import { isBehind } from './upstream.ts'

/** What may make several records of one time, or give one the time of another. */
const making: ReadonlySet<Operator['op']> = new Set([
  'flatMap',
  'flatMapValues',
  'process',
  'join',
  'merge',
  'aggregate',
  'cogroup',
])
/** What gives a record another key. */
const rekeying: ReadonlySet<Operator['op']> = new Set(['groupBy', 'map', 'flatMap', 'selectKey', 'process', 'join'])

/**
 * Whether only what is made of sessions differs that were changed by another record of their only moment: Kafka Streams
 * does not take away what they were. So whoever groups them adds once more, and a filter says nothing of a row that
 * leaves its result. All that it tells is told here as well, but for a session that is held back behind such a filter
 * and what is joined with a row that it has kept, and never before there is such a record.
 */
export function areCountedTwice({ operators, writers, inputs, ours, theirs }: Disagreement): boolean {
  const sessions = writers.filter((one) => 'window' in one && one.window?.type === 'session')
  if (sessions.length === 0) return false
  const isGrouped = writers.some(
    (one) => one.op === 'groupBy' && sessions.some((session) => isBehind(operators, one, session)),
  )
  const isFiltered = writers.some(({ op }) => op === 'filter')
  if (!isGrouped && !isFiltered) return false
  const first = Math.min(...sessions.map((session) => firstOfOneMoment(operators, writers, inputs, session)))
  const [onlyOurs, onlyTheirs] = [without(ours, theirs), without(theirs, ours)]
  if ([...onlyOurs, ...onlyTheirs].some(({ step }) => step < first)) return false
  if (!isGrouped)
    return onlyTheirs.every((one) => isHeldBack(one, writers, inputs)) && onlyOurs.every(({ value }) => value === null)
  const isJoined = writers.some(({ op }) => op === 'join')
  // A row that has not been taken away there meets what comes later.
  const isOfKept = (one: CaseOutput): boolean =>
    isJoined && [...onlyOurs, ...onlyTheirs].some((other) => other.step < one.step && isOfSameKey(one, other))
  // What is taken away here alone is taken from a group of which both have told, unless that was left out.
  const isOfGroup = (one: CaseOutput): boolean =>
    isFiltered ||
    isKeyedAnew(operators, writers, sessions) ||
    theirs.some((other) => other.step <= one.step && isOfSameKey(one, other))
  return (
    without(theirs, ours, withoutValue).every(isOfKept) &&
    without(ours, theirs, withoutValue).every((one) => isOfGroup(one))
  )
}

/** Whether a key is made again of what groups the sessions make, so that another value is of another key. */
function isKeyedAnew(
  operators: readonly Operator[],
  writers: readonly Operator[],
  sessions: readonly Operator[],
): boolean {
  const behind = writers.filter((one) => sessions.some((session) => isBehind(operators, one, session)))
  const groups = behind.filter(({ op }) => op === 'groupBy')
  return groups.some((group) =>
    behind.some((one) => rekeying.has(one.op) && one !== group && isBehind(operators, one, group)),
  )
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

/**
 * The first step with a record of a time that one of the same key before it had, by the input or by what is made of it.
 */
function firstOfOneMoment(
  operators: readonly Operator[],
  writers: readonly Operator[],
  inputs: readonly CaseInput[],
  session: Operator,
): number {
  const before = writers.filter((one) => isBehind(operators, session, one))
  const areMade = before.some(({ op }) => making.has(op))
  if (areMade) return 0
  const isRekeyed = before.some(({ op }) => rekeying.has(op))
  const step = inputs.findIndex(
    (input, index) =>
      'ts' in input &&
      inputs
        .slice(0, index)
        .some((other) => 'ts' in other && other.ts === input.ts && (isRekeyed || other.key === input.key)),
  )
  return step < 0 ? Infinity : step
}

function isOfSameKey(one: CaseOutput, other: CaseOutput): boolean {
  return JSON.stringify(one.key) === JSON.stringify(other.key)
}

function withoutValue({ step, key, ts }: CaseOutput): string {
  return JSON.stringify([step, key, ts])
}
