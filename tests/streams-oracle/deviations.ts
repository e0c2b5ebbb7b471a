import type { CaseOutput, Operator } from './case.ts'
import { areOfNoRow } from './global-join.ts'
import { areRemovedUnseen, areTimesOfHeldRows, withoutTime } from './held-rows.ts'
import { areLateByInput } from './late-by-input.ts'
import { haveFormerRows } from './former-rows.ts'
import { timesOf, windowOfResult, without, withoutStep, type Disagreement } from './results.ts'
import { areSuppressedEarly } from './suppressed-early.ts'
import { is } from './traits.ts'

interface Deviation {
  readonly name: string
  /** The words of not-supported.md that say so. */
  readonly reference: string
  /** Whether it is all that a disagreement comes from. */
  explains(disagreement: Disagreement): boolean
}

type Op<Name extends Operator['op']> = Extract<Operator, { op: Name }>

/**
 * Where our results are not those of Kafka Streams, on purpose. Each is told as narrowly as can be: anything else is a
 * fault.
 */
export const deviations: readonly Deviation[] = [
  {
    name: 'sliding windows suppressed twice',
    reference: 'sliding windows suppressed twice',
    explains: (disagreement) => areSuppressedEarly('sliding', disagreement),
  },
  {
    name: 'sessions suppressed 1 ms early',
    reference: 'sessions closed 1 ms early',
    explains: (disagreement) => areSuppressedEarly('session', disagreement),
  },
  {
    name: 'results of a left or outer join told early or late',
    reference: 'when Kafka Streams tells results of a left or outer join',
    explains(disagreement) {
      const join = disagreement.writers.find(isOuterJoin)
      return join !== undefined && differOnlyAlone(join, disagreement)
    },
  },
  {
    name: 'a left join with a global table',
    reference: 'a left join with a global table hands on a record that names no row',
    explains: areOfNoRow,
  },
  {
    name: 'a filter of rows that never were',
    reference:
      'what it takes for the row before behind `suppress`, of a sliding window and of an aggregate without windows',
    explains: areRemovedUnseen,
  },
  {
    name: 'the time of a row that is held back',
    reference: 'the time of a row that `suppress` holds back',
    explains: areTimesOfHeldRows,
  },
  {
    name: 'a join by foreign key that is asked again',
    reference: 'it is asked for once more, so a tombstone may come twice',
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => isForeignJoin(one) && one.kind === 'inner') &&
      // The second may have an earlier time, and be all that is compared.
      without(theirs, ours, withoutTime).length === 0 &&
      [...without(theirs, ours), ...without(ours, theirs)].every(({ value }) => value === null),
  },
  {
    name: 'a filter behind a join by foreign key',
    reference: 'what rows were, for a filter behind a join by foreign key that something else asks',
    explains: ({ writers, ours, theirs }) =>
      writers.some(isForeignJoin) &&
      writers.some(({ op }) => op === 'filter') &&
      without(theirs, ours).length === 0 &&
      without(ours, theirs).every(({ value }) => value === null),
  },
  {
    name: 'former rows for a join with a grace',
    reference: 'former rows of a table for a join with a grace, for longer than the grace',
    explains: haveFormerRows,
  },
  {
    name: 'windows of a cogroup late by input',
    reference: 'lateness by input in a windowed cogroup',
    explains: areLateByInput,
  },
  {
    name: 'a sliding window that is dropped advances no time',
    reference: 'a sliding window whose aggregate is null at once',
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => one.op === 'aggregate' && one.add === 'dropping' && one.window?.type === 'sliding') &&
      writers.some(({ op }) => op === 'untilWindowCloses') &&
      without(ours, theirs, withoutStep).length === 0,
  },
]

/**
 * The name of what explains a disagreement, if anything does. Keys may differ for reasons of their own, and so may the
 * windows of one.
 */
export function deviationOf(disagreement: Disagreement): string | undefined {
  const { ours, theirs } = disagreement
  // No deviation is of the order alone.
  if (without(ours, theirs).length + without(theirs, ours).length === 0) return undefined
  const whole = deviations.find((one) => one.explains(disagreement))?.name
  return (
    whole ??
    ofEach(disagreement, (one) => windowOfResult(one)?.key ?? one.key) ??
    ofEach(disagreement, ({ key }) => key)
  )
}

function ofEach(disagreement: Disagreement, partOf: (one: CaseOutput) => unknown): string | undefined {
  const { ours, theirs } = disagreement
  const nameOf = (one: CaseOutput): string => JSON.stringify(partOf(one))
  const parts = new Set([...without(ours, theirs), ...without(theirs, ours)].map(nameOf))
  if (parts.size < 2) return undefined
  const names = [...parts].map((part) => {
    const own = (list: readonly CaseOutput[]): CaseOutput[] => list.filter((one) => nameOf(one) === part)
    const given = { ...disagreement, ours: own(ours), theirs: own(theirs) }
    return deviations.find((one) => one.explains(given))?.name
  })
  const known = names.filter((name) => name !== undefined)
  return known.length < names.length ? undefined : [...new Set(known)].toSorted().join(', ')
}

export function isOuterJoin(operator: Operator): operator is Op<'join'> {
  return operator.op === 'join' && operator.kind !== 'inner' && operator.before !== undefined
}

function isForeignJoin(operator: Operator): operator is Op<'join'> {
  return operator.op === 'join' && operator.key !== undefined
}

export function isAlone({ value }: Pick<CaseOutput, 'value'>): boolean {
  return value === null || String(value).endsWith('&null') || String(value).startsWith('null&')
}

/** What was told, and when; of what is shortened, and may be alone, only what. */
function told(one: CaseOutput): string {
  return String(one.value).includes('~') ? withoutStep(one) : JSON.stringify(one)
}

/**
 * Whether pairs are the same, and those that met none differ in when they are told alone: Kafka Streams tells a late
 * one at once, and others some time later, ours when their time is over.
 */
function differOnlyAlone(join: Op<'join'>, { writers, inputs, ours, theirs }: Disagreement): boolean {
  const arePaired = (list: readonly CaseOutput[]): CaseOutput[] => list.filter((one) => !isAlone(one))
  const [ourPairs, theirPairs] = [arePaired(ours), arePaired(theirs)]
  if (without(ourPairs, theirPairs, told).length > 0 || without(theirPairs, ourPairs, told).length > 0) return false
  const [onlyOurs, onlyTheirs] = [without(ours, theirs, withoutStep), without(theirs, ours, withoutStep)]
  const { before = 0, after = 0, grace = 0 } = join
  const wasLate = ({ step, ts }: CaseOutput): boolean =>
    !isPlain(writers) || timesOf(inputs.slice(0, step)).some((time) => time > ts + Math.min(before, after))
  const isDue = ({ step, ts, value }: CaseOutput): boolean => {
    const end = ts + (String(value).endsWith('&null') ? after : before) + grace
    return !isPlain(writers) || timesOf(inputs.slice(0, step + 1)).some((time) => time > end)
  }
  return onlyTheirs.every(wasLate) && onlyOurs.every(isDue)
}

/** Whether the records of a join are those of the topics, so that it is known which times it has seen. */
function isPlain(writers: readonly Operator[]): boolean {
  return writers.every((one) => is(one, 'plain'))
}
