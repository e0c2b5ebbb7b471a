import { describe, expect, it } from 'vitest'
import type { CaseOutput, Operator, Outcome } from './case.ts'
import { compare } from './compare.ts'

describe('a deviation', () => {
  const byForeignKey: Operator[] = [
    { op: 'table', topic: 'in0' },
    { op: 'table', topic: 'in1' },
    { op: 'join', from: 0, other: 1, kind: 'inner', key: 'digit' },
    { op: 'toStream', from: 2 },
    { op: 'to', from: 3, topic: 'output' },
  ]
  const ofHops: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'table', topic: 'in1' },
    { op: 'groupBy', from: 0, key: 'value' },
    { op: 'aggregate', from: 2, by: 'reduce', add: 'dropping' },
    { op: 'join', from: 3, other: 1, kind: 'inner', key: 'digit' },
    { op: 'toStream', from: 4 },
    { op: 'to', from: 5, topic: 'output' },
  ]
  const leftByForeignKey = byForeignKey.map((one) => (one.op === 'join' ? { ...one, kind: 'left' as const } : one))
  const cogroup: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'stream', topic: 'in1' },
    { op: 'groupByKey', from: 0 },
    { op: 'groupByKey', from: 1 },
    { op: 'cogroup', from: 2, other: 3, add: 'concat', window: { type: 'tumbling', size: 10, grace: 0 } },
    { op: 'suppress', from: 4, timeLimit: 5 },
    { op: 'toStream', from: 5 },
    { op: 'to', from: 6, topic: 'output' },
  ]
  const filteredCogroup: Operator[] = [
    ...cogroup.slice(0, 5),
    { op: 'filter', from: 4, predicate: 'evenKey' },
    { op: 'toStream', from: 5 },
    { op: 'to', from: 6, topic: 'output' },
  ]
  const inputs = [50, 3].map((ts, index) => ({ topic: `in${index}`, key: 'k', value: 'a', ts }))
  const ofRow = (step: number, value: string | null): CaseOutput => ({ step, out: 'output', key: 'k', value, ts: 1 })
  const ofWindow = (start: number, value: string): CaseOutput => {
    return { step: 1, out: 'output', key: { key: 'k', start, end: start + 10 }, value, ts: start + 3 }
  }
  const late = ofWindow(0, '^+a')
  const asked = 'a join by foreign key that is asked again'
  const byInput = 'windows of a cogroup late by input'

  it.each<[string, Operator[], CaseOutput[], CaseOutput[], string | undefined]>([
    ['a result that ends', byForeignKey, [ofRow(1, null)], [], asked],
    ['a result that is told again', byForeignKey, [ofRow(1, 'a&b')], [], undefined],
    ['a result that ends there alone', byForeignKey, [], [ofRow(1, null)], undefined],
    ['one that ends, and one that is missing', byForeignKey, [ofRow(1, null)], [ofRow(1, 'a&c')], undefined],
    ['one that ends again, earlier', ofHops, [ofRow(1, null), { ...ofRow(1, null), ts: 0 }], [ofRow(1, null)], asked],
    ['a result at an earlier time', ofHops, [{ ...ofRow(1, 'c&b'), ts: 0 }], [ofRow(1, 'c&b')], undefined],
    ['one of a left join that ends', leftByForeignKey, [ofRow(1, null)], [], undefined],
    [
      'beside what is told in between',
      ofHops,
      [ofRow(1, 'c&b'), ofRow(2, null)],
      [ofRow(1, null), ofRow(1, 'c&b')],
      asked,
    ],
    ['in place of what is told at last', ofHops, [ofRow(1, null)], [ofRow(1, null), ofRow(1, 'c&b')], undefined],
    ['a window that is late', cogroup, [], [late], byInput],
    ['a window that is not', cogroup, [], [ofWindow(50, '^+a')], undefined],
    ['a window of ours', cogroup, [late], [], undefined],
    ['a window of another time beside one that is late', cogroup, [ofWindow(60, '^+b')], [late], undefined],
    ['beside one that a filter leaves out', filteredCogroup, [], [ofWindow(10, '^+a')], byInput],
    ['far from it', filteredCogroup, [], [ofWindow(50, '^+a')], undefined],
    ['beside one, without a filter', cogroup, [], [ofWindow(50, '^+a')], undefined],
    ['what follows in one that is late', cogroup, [ofWindow(0, '^+b')], [late, ofWindow(0, '^+a+b')], byInput],
  ])('explains what follows from it, and nothing else: %s', (_, operators, own, other, name) => {
    const before = operators === cogroup || operators === filteredCogroup ? [] : [ofRow(0, 'a&b')]
    const of = (outputs: CaseOutput[]): Outcome => ({ outputs: [...before, ...outputs] })
    const found = compare({ operators, inputs }, of(own), of(other))
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })

  const graceJoin: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'table', topic: 'in1', isVersioned: true },
    { op: 'join', from: 0, other: 1, kind: 'left', grace: 10 },
    { op: 'to', from: 2, topic: 'output' },
  ]
  const summedJoin: Operator[] = [
    ...graceJoin.slice(0, -1),
    { op: 'groupByKey', from: 2 },
    { op: 'aggregate', from: 3, by: 'count', add: 'concat' },
    { op: 'toStream', from: 4 },
    { op: 'to', from: 5, topic: 'output' },
  ]
  // The third is 15 behind.
  const moments = [20, 30, 15, 15, 60].map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
  const at = (step: number, ts: number, value: string | number | null): CaseOutput => {
    return { step, out: 'output', key: 'k', value, ts }
  }
  const former = 'former rows for a join with a grace'

  it.each<[string, Operator[], CaseOutput[], CaseOutput[], string | undefined]>([
    ['another row for a late record', graceJoin, [at(2, 15, 'a&x')], [at(2, 15, 'a&null')], former],
    ['no result of a late record', graceJoin, [at(2, 15, 'a&x')], [], former],
    ['another row for one in time', graceJoin, [at(1, 20, 'a&x')], [at(1, 20, 'a&null')], undefined],
    ['both', graceJoin, [at(1, 20, 'a&x'), at(2, 15, 'a&x')], [at(1, 20, 'a&y'), at(2, 15, 'a&y')], undefined],
    ['what is counted since a late record', summedJoin, [at(3, 30, 3)], [at(3, 30, 4)], former],
    ['what is counted before one', summedJoin, [at(1, 30, 2)], [at(1, 30, 1)], undefined],
  ])('says which results may differ, and not of which topologies: %s', (_, operators, own, other, name) => {
    const found = compare({ operators, inputs: moments }, { outputs: own }, { outputs: other })
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })
})
