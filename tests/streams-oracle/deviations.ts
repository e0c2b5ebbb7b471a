import type { Case, CaseInput, CaseOutput, CaseWindow, Operator } from './case.ts'

/** What a topic was given by both, and by whom: what a deviation is told by. */
export interface Disagreement {
  /** All of the topology. */
  readonly operators: readonly Operator[]
  /** The operators that it has gone through. */
  readonly writers: readonly Operator[]
  readonly inputs: Case['inputs']
  readonly ours: readonly CaseOutput[]
  readonly theirs: readonly CaseOutput[]
}

interface Deviation {
  readonly name: string
  /** The words of not-supported.md that say so. */
  readonly reference: string
  /** Whether it is all that a disagreement comes from. */
  explains(disagreement: Disagreement): boolean
}

const holding: ReadonlySet<Operator['op']> = new Set(['suppress', 'untilWindowCloses'])

type Op<Name extends Operator['op']> = Extract<Operator, { op: Name }>

/** Where our results are not those of Kafka Streams, on purpose. Each is told as narrowly as can be: anything else is a fault. */
export const deviations: readonly Deviation[] = [
  {
    name: 'final windows lost after a jump in time',
    reference: "windows lost by `emit: 'final'` after a jump in time",
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => one.op === 'aggregate' && one.emit === 'final') && without(theirs, ours).length === 0,
  },
  {
    name: 'sessions closed 1 ms early',
    reference: 'sessions closed 1 ms early',
    explains: ({ writers, inputs }) =>
      writers.map(windowOf).some((one) => one?.type === 'session' && hasTimesApart(inputs, [one.size + one.grace])),
  },
  {
    name: 'sliding windows suppressed twice',
    reference: 'sliding windows suppressed twice',
    explains: ({ writers, inputs, ours, theirs }) =>
      writers.some(({ op }) => op === 'untilWindowCloses') &&
      writers
        .map(windowOf)
        .some((one) => one?.type === 'sliding' && hasTimesApart(inputs, [one.grace, one.size + one.grace])) &&
      without(ours, theirs, withoutStep).length === 0,
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
    explains: ({ writers, ours, theirs }) =>
      writers.some(({ op }) => op === 'globalTable') &&
      without(theirs, ours).length === 0 &&
      without(ours, theirs).every(({ value }) => String(value).endsWith('&null')),
  },
  {
    name: 'a filter of rows that never were',
    reference:
      'what it takes for the row before behind `suppress`, of a sliding window and of an aggregate without windows',
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => holding.has(one.op) || windowOf(one)?.type === 'sliding') &&
      writers.some(({ op }) => op === 'filter') &&
      [...without(theirs, ours), ...without(ours, theirs)].every(({ value }) => value === null),
  },
  {
    name: 'the time of a row that is held back',
    reference: 'the time of a row that `suppress` holds back',
    explains: ({ writers, ours, theirs }) =>
      writers.some(({ op }) => op === 'suppress') &&
      writers.some((one) => one.op === 'join' && one.before === undefined) &&
      without(ours, theirs, withoutTime).length === 0 &&
      without(theirs, ours, withoutTime).length === 0,
  },
  {
    name: 'a join by foreign key that is asked again',
    reference: 'it is asked for once more, so a tombstone or a result may come twice',
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => isForeignJoin(one) && one.kind === 'inner') &&
      without(theirs, ours).length === 0 &&
      // What is grouped anew takes a row away that it adds again.
      (writers.some(({ op }) => op === 'groupBy') ||
        without(ours, theirs).every((one) => one.value === null || isRepeated(one, ours))),
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
    explains: ({ writers, inputs }) => {
      const graces = writers.flatMap((one) => (isGraceJoin(one) ? [one.grace ?? 0] : []))
      const isUnknown = writers.some(({ op }) => op === 'process' || op === 'aggregate' || op === 'cogroup')
      return graces.some((grace) => isUnknown || hasLate(inputs, grace))
    },
  },
  {
    name: 'a session that is counted twice',
    reference: 'a session of one moment that another record of that moment changes',
    explains: ({ writers, inputs }) =>
      writers.some((one) => windowOf(one)?.type === 'session') &&
      writers.some(({ op }) => op === 'groupBy' || op === 'filter') &&
      (new Set(timesOf(inputs)).size < timesOf(inputs).length || writers.some(({ op }) => op.startsWith('flatMap'))),
  },
  {
    name: 'windows of a cogroup late by input',
    reference: 'lateness by input in a windowed cogroup',
    explains: ({ writers, inputs }) =>
      writers.some((one) => one.op === 'cogroup' && one.window !== undefined) &&
      (hasLate(inputs) || writers.some(({ op }) => op === 'process' || op === 'suppress')),
  },
  {
    name: 'the order of sliding windows that one record changes',
    reference: 'the order of windows that one record changes',
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => windowOf(one)?.type === 'sliding') &&
      without(ours, theirs).length === 0 &&
      without(theirs, ours).length === 0,
  },
  {
    name: 'the order of sliding windows, before what remembers',
    reference: 'the order of windows that one record changes',
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => windowOf(one)?.type === 'sliding') &&
      (writers.some(({ op }) => op === 'process') || writers.filter(({ op }) => op === 'aggregate').length > 1) &&
      without(ours, theirs, withoutValue).length === 0 &&
      without(theirs, ours, withoutValue).length === 0,
  },
  {
    name: 'a sliding window that is dropped advances no time',
    reference: 'a sliding window whose aggregate is null at once',
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => one.op === 'aggregate' && one.add === 'dropping' && one.window?.type === 'sliding') &&
      writers.some(({ op }) => op === 'untilWindowCloses') &&
      without(ours, theirs, withoutStep).length === 0,
  },
  {
    // With another order another row is the oldest when the buffer is full, and goes before what changes it.
    name: 'the order of sliding windows, behind a buffer that is full',
    reference: 'the order of windows that one record changes',
    explains: ({ writers, ours, theirs }) =>
      writers.some((one) => windowOf(one)?.type === 'sliding') &&
      writers.some((one) => one.op === 'suppress' && one.maxRecords !== undefined) &&
      without(ours, theirs).length === 0 &&
      without(theirs, ours).every((one) => isRepeated(one, theirs)),
  },
  {
    name: 'results of sliding windows twice',
    reference: 'a sliding window that is told twice, where a record lies at its end',
    explains: ({ writers, inputs }) =>
      writers.map(windowOf).some((one) => one?.type === 'sliding' && hasTimesApart(inputs, [one.size + 1])),
  },
]

/** The name of what explains a disagreement, if anything does. */
export function deviationOf(disagreement: Disagreement): string | undefined {
  return deviations.find((one) => one.explains(disagreement))?.name
}

/** What of one list the other does not have. */
function without(
  list: readonly CaseOutput[],
  other: readonly CaseOutput[],
  textOf: (one: CaseOutput) => string = JSON.stringify,
): CaseOutput[] {
  const counts = new Map<string, number>()
  for (const one of other) counts.set(textOf(one), (counts.get(textOf(one)) ?? 0) + 1)
  return list.filter((one) => {
    const count = counts.get(textOf(one)) ?? 0
    counts.set(textOf(one), count - 1)
    return count <= 0
  })
}

function withoutStep({ key, value, ts }: CaseOutput): string {
  return JSON.stringify([key, value, ts])
}

/** Whether two records are exactly so far apart in time that a window ends at the very moment of one. */
function hasTimesApart(inputs: readonly CaseInput[], distances: readonly number[]): boolean {
  const times = timesOf(inputs)
  return times.some((time) => distances.some((distance) => times.includes(time + distance)))
}

function timesOf(inputs: readonly CaseInput[]): number[] {
  return inputs.flatMap((input) => ('ts' in input ? [input.ts] : []))
}

/** Whether a record is earlier than one before it, by more than so much. */
function hasLate(inputs: readonly CaseInput[], by = 0): boolean {
  const times = timesOf(inputs)
  return times.some((time, index) => times.slice(0, index).some((before) => time < before - by))
}

function isOuterJoin(operator: Operator): operator is Op<'join'> {
  return operator.op === 'join' && operator.kind !== 'inner' && operator.before !== undefined
}

function windowOf(operator: Operator): CaseWindow | undefined {
  return 'window' in operator ? operator.window : undefined
}

/** Whether the same was told of a key before, and nothing else since then. */
function isRepeated(one: CaseOutput, list: readonly CaseOutput[]): boolean {
  const key = JSON.stringify(one.key)
  const ofKey = list.slice(0, list.lastIndexOf(one)).filter((other) => JSON.stringify(other.key) === key)
  return ofKey.at(-1)?.value === one.value
}

function withoutValue({ step, key }: CaseOutput): string {
  return JSON.stringify([step, key])
}

function withoutTime({ step, key, value }: CaseOutput): string {
  return JSON.stringify([step, key, value])
}

function isGraceJoin(operator: Operator): operator is Op<'join'> {
  return operator.op === 'join' && operator.grace !== undefined && operator.before === undefined
}

function isForeignJoin(operator: Operator): operator is Op<'join'> {
  return operator.op === 'join' && operator.key !== undefined
}

function isAlone({ value }: CaseOutput): boolean {
  return value === null || String(value).endsWith('&null') || String(value).startsWith('null&')
}

/**
 * Whether pairs are the same, and those that met none differ in when they are told alone: Kafka Streams tells a late one at once, and others some time later,
 * ours when their time is over.
 */
function differOnlyAlone(join: Op<'join'>, { writers, inputs, ours, theirs }: Disagreement): boolean {
  const arePaired = (list: readonly CaseOutput[]): CaseOutput[] => list.filter((one) => !isAlone(one))
  const [ourPairs, theirPairs] = [arePaired(ours), arePaired(theirs)]
  if (without(ourPairs, theirPairs).length > 0 || without(theirPairs, ourPairs).length > 0) return false
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
  return writers.every(({ op }) => op === 'stream' || op === 'join' || op === 'to')
}
