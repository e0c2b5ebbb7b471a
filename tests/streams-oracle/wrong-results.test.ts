import { describe, expect, it } from 'vitest'
import type { CaseOutput, Operator } from './case.ts'
import { compare } from './compare.ts'

type Result = Omit<CaseOutput, 'out'>
type Example = [what: string, ours: Result[], theirs: Result[], name: string | undefined]

describe('a wrong result is no deviation', () => {
  const row = (step: number, key: string, value: string | number | null, ts: number): Result => {
    return { step, key, value, ts }
  }
  const written = (operators: Operator[]): Operator[] => [
    ...operators,
    { op: 'to', from: operators.length - 1, topic: 'output' },
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
    ['before a row of its step', [row(1, 'k', 'a', 30)], [row(1, 'k', null, 30), row(1, 'k', 'a', 30)], neverWere],
    ['behind a row of its step', [row(1, 'k', 'a', 30)], [row(1, 'k', 'a', 30), row(1, 'k', null, 30)], undefined],
    [
      'the order of a key',
      [row(1, 'k', 'a', 20), row(1, 'k', null, 30)],
      [row(1, 'k', null, 30), row(1, 'k', 'a', 20)],
      undefined,
    ],
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

  it.each<Example>([
    ['a removal more', [row(0, 'k', 'a', 20)], [row(0, 'k', 'a', 20), row(1, 'k', null, 30)], neverWere],
    ['a value more', [row(0, 'k', 'a', 20)], [row(0, 'k', 'a', 20), row(1, 'k', 'b', 30)], undefined],
  ])('behind a filter and another key, where nobody knows of which row it is: %s', (_, own, other, name) => {
    const operators: Operator[] = [
      ...held,
      { op: 'filter', from: 1, predicate: 'even' },
      { op: 'toStream', from: 2 },
      { op: 'selectKey', from: 3, key: 'hash' },
    ]
    expect(namesOf(operators, [['k', 20]], own, other)).toEqual([name])
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
})
