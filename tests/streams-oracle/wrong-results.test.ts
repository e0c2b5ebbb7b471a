import { describe, expect, it } from 'vitest'
import type { CaseOutput, CaseWindow, Operator } from './case.ts'
import { compare } from './compare.ts'

type Result = Omit<CaseOutput, 'out'>
type Example = [what: string, ours: Result[], theirs: Result[], name: string | undefined]

describe('a wrong result is no deviation', () => {
  const row = (step: number, key: string, value: string | number | null, ts: number): Result => {
    return { step, key, value, ts }
  }
  const inWindow = (step: number, start: number, end: number, value: string | number, key = 'k'): Result => {
    return { step, key: { key, start, end }, value, ts: end }
  }
  const written = (operators: Operator[]): Operator[] => [
    ...operators,
    { op: 'to', from: operators.length - 1, topic: 'output' },
  ]
  const counted = (window: CaseWindow, emit: 'updates' | 'final' = 'updates'): Operator[] => [
    { op: 'stream', topic: 'in0' },
    { op: 'groupByKey', from: 0 },
    { op: 'aggregate', from: 1, by: 'count', add: 'concat', window, emit },
  ]
  const namesOf = (
    operators: Operator[],
    records: readonly (readonly [key: string, ts: number])[],
    own: Result[],
    other: Result[],
  ): (string | undefined)[] => {
    const inputs = records.map(([key, ts]) => ({ topic: 'in0', key, value: 'a', ts }))
    const of = (results: Result[]): { outputs: CaseOutput[] } => {
      return { outputs: results.map((one) => ({ ...one, out: 'output' })) }
    }
    return compare({ operators: written(operators), inputs }, of(own), of(other)).differences.map(
      ({ deviation }) => deviation,
    )
  }

  // The session of 20 closes with the record of 27, and no other.
  const closed = inWindow(1, 20, 20, 1)
  const early = 'sessions closed 1 ms early'
  it.each<Example>([
    ['the session itself', [], [closed], early],
    ['one that would have absorbed it, later', [inWindow(2, 20, 26, 3)], [closed, inWindow(2, 26, 26, 2)], early],
    ['a value of another key', [inWindow(2, 50, 50, 1, 'q')], [closed, inWindow(2, 50, 50, 2, 'q')], undefined],
    ['a value of another time of its key', [inWindow(2, 50, 50, 1)], [closed, inWindow(2, 50, 50, 2)], undefined],
    ['what was told before', [inWindow(0, 18, 18, 1)], [closed, inWindow(0, 18, 18, 2)], undefined],
  ])('beside a session that closes early: %s', (_, own, other, name) => {
    const records = [20, 27, 50].map((ts) => ['k', ts] as const)
    const operators: Operator[] = [
      ...counted({ type: 'session', size: 7, grace: 0 }, 'final'),
      { op: 'toStream', from: 2 },
    ]
    expect([...new Set(namesOf(operators, records, own, other))]).toEqual([name])
  })

  const twice = 'a session that is counted twice'
  it.each<[...Example, keys: string]>([
    ['another value of the group', [row(3, 'k', '^+1-1+2', 15)], [row(3, 'k', '^+1+2', 15)], twice, 'kkkk'],
    [
      'a group that is left',
      [row(0, 'q', '^+1', 20), row(3, 'q', '^+1-1', 15)],
      [row(0, 'q', '^+1', 20)],
      twice,
      'kkkk',
    ],
    ['a group that never was', [row(3, 'q', 'EXTRA', 15)], [], undefined, 'kkkk'],
    ['records of one time, of two keys', [row(3, 'k', '^+1-1', 15)], [row(3, 'k', '^+1+2', 15)], undefined, 'kkqr'],
  ])('beside a session that is counted twice: %s', (_, own, other, name, keys) => {
    const records = [20, 30, 15, 15].map((ts, index) => [keys.charAt(index), ts] as const)
    const operators: Operator[] = [
      ...counted({ type: 'session', size: 7, grace: 0 }),
      { op: 'groupBy', from: 2, key: 'same' },
      { op: 'aggregate', from: 3, by: 'aggregate', add: 'concat' },
      { op: 'toStream', from: 4 },
    ]
    expect(namesOf(operators, records, own, other)).toEqual([name])
  })

  const held: Operator[] = [
    { op: 'table', topic: 'in0' },
    { op: 'suppress', from: 0, timeLimit: 5 },
  ]
  const joinOf = (source: 'stream' | 'table'): Operator[] => [
    ...held,
    { op: source, topic: 'in1' },
    { op: 'join', from: 2, other: 1, kind: 'inner' },
    ...(source === 'table' ? ([{ op: 'toStream', from: 3 }] as const) : []),
  ]
  const heldBack = 'the time of a row that is held back'
  it.each<[...Example, source: 'stream' | 'table']>([
    ['an earlier one of a join of tables', [row(1, 'k', 'a&b', 30)], [row(1, 'k', 'a&b', 20)], heldBack, 'table'],
    ['a later one', [row(1, 'k', 'a&b', 20)], [row(1, 'k', 'a&b', 30)], undefined, 'table'],
    ['one of no record', [row(1, 'k', 'a&b', 30)], [row(1, 'k', 'a&b', 21)], undefined, 'table'],
    ['an invented one of ours', [row(1, 'k', 'a&b', 777)], [row(1, 'k', 'a&b', 20)], undefined, 'table'],
    ['one of a stream', [row(1, 'k', 'a&b', 30)], [row(1, 'k', 'a&b', 20)], undefined, 'stream'],
  ])('in place of the time of a row that is held back: %s', (_, own, other, name, source) => {
    const records = [20, 30].map((ts) => ['k', ts] as const)
    expect(namesOf(joinOf(source), records, own, other)).toEqual([name])
  })

  const neverWere = 'a filter of rows that never were'
  it.each<Example>([
    ['one of a row that never was', [], [row(1, 'k', null, 30)], neverWere],
    ['one of ours', [row(0, 'k', 'a', 20), row(1, 'k', null, 30)], [row(0, 'k', 'a', 20)], neverWere],
    ['one of a row that is there', [row(0, 'k', 'a', 20)], [row(0, 'k', 'a', 20), row(1, 'k', null, 30)], undefined],
  ])('beside a removal that a filter tells: %s', (_, own, other, name) => {
    const operators: Operator[] = [...held, { op: 'filter', from: 1, predicate: 'even' }, { op: 'toStream', from: 2 }]
    expect(
      namesOf(
        operators,
        [20, 30].map((ts) => ['k', ts] as const),
        own,
        other,
      ),
    ).toEqual([name])
  })

  const ofNoRow = 'a left join with a global table'
  it.each<[...Example, kind: 'inner' | 'left']>([
    ['a record that names no row', [row(0, 'k', 'a&null', 20)], [], ofNoRow, 'left'],
    ['one that names a row', [row(0, 'k', 'a1&null', 20)], [], undefined, 'left'],
    ['one of an inner join', [row(0, 'k', 'a&null', 20)], [], undefined, 'inner'],
  ])('beside a join with a global table: %s', (_, own, other, name, kind) => {
    const operators: Operator[] = [
      { op: 'stream', topic: 'in0' },
      { op: 'globalTable', topic: 'in1' },
      { op: 'join', from: 0, other: 1, kind, key: 'digit' },
    ]
    expect(namesOf(operators, [['k', 20]], own, other)).toEqual([name])
  })

  const lost = 'final windows lost after a jump in time'
  it.each<Example>([
    ['one that closes long before the next begins', [inWindow(2, 10, 20, 2)], [], lost],
    ['one that closes without a jump', [inWindow(1, 0, 10, 1)], [], undefined],
    [
      'the order of a key',
      [inWindow(2, 10, 20, 2), inWindow(2, 10, 20, 3)],
      [inWindow(2, 10, 20, 3), inWindow(2, 10, 20, 2)],
      undefined,
    ],
    ['one of another key', [inWindow(2, 10, 20, 2, 'q')], [], undefined],
    ['one without a record', [inWindow(2, 30, 40, 1)], [], undefined],
    ['another value of one', [inWindow(2, 10, 20, 2)], [inWindow(2, 10, 20, 1)], undefined],
    ['one that is not over', [inWindow(2, 50, 60, 1)], [], undefined],
  ])('beside a jump in time: %s', (_, own, other, name) => {
    const records = [5, 14, 55].map((ts) => ['k', ts] as const)
    const operators: Operator[] = [
      ...counted({ type: 'tumbling', size: 10, grace: 3 }, 'final'),
      { op: 'toStream', from: 2 },
    ]
    expect(namesOf(operators, records, own, other)).toEqual([name])
  })
})
