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
  const sessions: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'groupByKey', from: 0 },
    { op: 'aggregate', from: 1, by: 'count', add: 'concat', window: { type: 'session', size: 7, grace: 0 } },
    { op: 'filter', from: 2, predicate: 'even' },
    { op: 'toStream', from: 3 },
    { op: 'to', from: 4, topic: 'output' },
  ]
  const heldSessions: Operator[] = [
    ...sessions.slice(0, 4),
    { op: 'untilWindowCloses', from: 3 },
    { op: 'toStream', from: 4 },
    { op: 'to', from: 5, topic: 'output' },
  ]
  const groupedSessions: Operator[] = [
    ...sessions.slice(0, 3),
    { op: 'groupBy', from: 2, key: 'same' },
    { op: 'aggregate', from: 3, by: 'aggregate', add: 'concat' },
    { op: 'toStream', from: 4 },
    { op: 'to', from: 5, topic: 'output' },
  ]
  const joinedSessions: Operator[] = [
    ...groupedSessions.slice(0, 5),
    { op: 'table', topic: 'in1' },
    { op: 'join', from: 4, other: 5, kind: 'left', key: 'digit' },
    { op: 'toStream', from: 6 },
    { op: 'to', from: 7, topic: 'output' },
  ]
  // The third is 15 behind, the fourth of the same moment as the third.
  const moments = [20, 30, 15, 15, 60].map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
  const at = (step: number, ts: number, value: string | number | null): CaseOutput => {
    return { step, out: 'output', key: 'k', value, ts }
  }
  const ofMoment = (start: number, end = start): CaseOutput => {
    return { step: 4, out: 'output', key: { key: 'k', start, end }, value: 1, ts: end }
  }
  const former = 'former rows for a join with a grace'
  const twice = 'a session that is counted twice'

  it.each<[string, Operator[], CaseOutput[], CaseOutput[], string | undefined]>([
    ['another row for a late record', graceJoin, [at(2, 15, 'a&x')], [at(2, 15, 'a&null')], former],
    ['no result of a late record', graceJoin, [at(2, 15, 'a&x')], [], former],
    ['another row for one in time', graceJoin, [at(1, 20, 'a&x')], [at(1, 20, 'a&null')], undefined],
    ['both', graceJoin, [at(1, 20, 'a&x'), at(2, 15, 'a&x')], [at(1, 20, 'a&y'), at(2, 15, 'a&y')], undefined],
    ['what is counted since a late record', summedJoin, [at(3, 30, 3)], [at(3, 30, 4)], former],
    ['what is counted before one', summedJoin, [at(1, 30, 2)], [at(1, 30, 1)], undefined],
    ['a row that leaves the result of a filter', sessions, [at(3, 15, null)], [], twice],
    ['a row that does not', sessions, [at(3, 15, 2)], [], undefined],
    ['one that leaves it before two are of a moment', sessions, [at(2, 15, null)], [], undefined],
    ['one that leaves it there', sessions, [], [at(3, 15, null)], undefined],
    ['a session that a filter has left out, but not before it closes', heldSessions, [], [ofMoment(15)], twice],
    ['one of a moment of one record', heldSessions, [], [ofMoment(30)], undefined],
    ['one that is longer', heldSessions, [], [ofMoment(15, 16)], undefined],
    ['one that is not held back', sessions, [], [ofMoment(15)], undefined],
    ['one of ours that is held back', heldSessions, [ofMoment(15)], [], undefined],
    ['what is added once more', groupedSessions, [at(3, 15, '^+1-1+2')], [at(3, 15, '^+1+2')], twice],
    [
      'what is taken away from another group',
      groupedSessions,
      [at(0, 20, '^+1'), at(3, 15, '^+1-1')],
      [at(0, 20, '^+1')],
      twice,
    ],
    [
      'what meets a row that is gone here',
      joinedSessions,
      [at(3, 15, null)],
      [at(3, 15, '1&null'), at(4, 15, '1&a')],
      twice,
    ],
    ['what meets another', joinedSessions, [], [at(4, 15, '1&a')], undefined],
    ['what is told of it without a join', groupedSessions, [at(3, 15, null)], [at(3, 15, 1), at(4, 15, 2)], undefined],
    ['what was added before', groupedSessions, [at(2, 15, '^+1-1+2')], [at(2, 15, '^+1+2')], undefined],
    ['what is told there alone', groupedSessions, [], [at(3, 15, '^+1+2')], undefined],
  ])('says which results may differ, and not of which topologies: %s', (_, operators, own, other, name) => {
    const found = compare({ operators, inputs: moments }, { outputs: own }, { outputs: other })
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })

  it.each([
    [7, 'sessions closed 1 ms early'],
    [0, undefined],
  ])('goes by the times that a processor gives: %i ms later', (shift, name) => {
    const counted: Operator[] = [
      { op: 'stream', topic: 'in0' },
      { op: 'process', from: 0, does: 'count', shift },
      { op: 'groupByKey', from: 1 },
      {
        op: 'aggregate',
        from: 2,
        by: 'count',
        add: 'last',
        window: { type: 'session', size: 5, grace: 0 },
        emit: 'final',
      },
      { op: 'toStream', from: 3 },
      { op: 'to', from: 4, topic: 'output' },
    ]
    const records = [69, 74].map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
    const closed = { step: 1, out: 'output', key: { key: 'k', start: 76, end: 76 }, value: 1, ts: 76 }
    const found = compare({ operators: counted, inputs: records }, { outputs: [] }, { outputs: [closed] })
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })

  it.each<[string, number, number, number, string | undefined]>([
    ['one that closes with the record before', 145, 164, 2, 'sessions closed 1 ms early'],
    ['none', 164, 164, 2, undefined],
    ['one that closes with no record', 145, 164, 1, undefined],
    ['one that was later', 146, 164, 2, undefined],
  ])('names a session that has absorbed %s', (_, start, end, step, name) => {
    const grown = sessions
      .slice(0, 3)
      .map((one) =>
        one.op === 'aggregate' ? { ...one, window: { type: 'session' as const, size: 20, grace: 10 } } : one,
      )
    const operators: Operator[] = [...grown, { op: 'toStream', from: 2 }, { op: 'to', from: 3, topic: 'output' }]
    const records = [145, 170, 175].map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
    const one = { step, out: 'output', key: { key: 'k', start, end }, value: 2, ts: end }
    const found = compare({ operators, inputs: records }, { outputs: [one] }, { outputs: [] })
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })

  it.each<[string, number, 'ours' | 'theirs', string | undefined]>([
    ['one that closes with it', 160, 'theirs', 'sessions closed 1 ms early'],
    ['one that is too long ago', 166, 'theirs', undefined],
    ['one, here', 160, 'ours', undefined],
  ])('names a session that has missed %s', (_, start, side, name) => {
    const window = { type: 'session', size: 20, grace: 10 } as const
    const operators: Operator[] = [
      ...sessions.slice(0, 2),
      { op: 'aggregate', from: 1, by: 'count', add: 'concat', window },
      { op: 'toStream', from: 2 },
      { op: 'to', from: 3, topic: 'output' },
    ]
    const records = [145, 170, 175, start].map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
    const one = { step: 3, out: 'output', key: { key: 'k', start, end: start }, value: 1, ts: start }
    const of = (whose: string): Outcome => ({ outputs: whose === side ? [one] : [] })
    const found = compare({ operators, inputs: records }, of('ours'), of('theirs'))
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })

  const sliding: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'groupByKey', from: 0 },
    { op: 'aggregate', from: 1, by: 'count', add: 'concat', window: { type: 'sliding', size: 2, grace: 0 } },
    { op: 'toStream', from: 2 },
    { op: 'to', from: 3, topic: 'output' },
  ]
  const forgotten = 'a sliding window that is forgotten a moment early'
  const inWindow = (start: number, step = 2): CaseOutput => {
    return { step, out: 'output', key: { key: 'k', start, end: start + 2 }, value: 1, ts: start + 2 }
  }

  it.each<[string, number[], CaseOutput[], string | undefined]>([
    ['that of the one before', [100, 101, 102, 102], [inWindow(100, 3)], forgotten],
    ['that behind it', [100, 101, 102, 102], [inWindow(101, 3)], forgotten],
    ['another one', [100, 102, 102], [inWindow(102)], undefined],
    ['with a record that is late', [100, 103, 102], [inWindow(100)], undefined],
    ['before it', [100, 101, 102], [inWindow(100, 1)], undefined],
    ['that behind it, of one too late for its own', [100, 102, 103, 102], [inWindow(101, 3)], forgotten],
    ['that behind it, if no later window has begun', [100, 103, 102], [inWindow(101)], undefined],
    ['a later one that lacks it', [100, 102, 103, 102, 104], [inWindow(102, 4)], forgotten],
    ['that behind a record that is missed', [100, 102, 103, 102, 104], [inWindow(103, 4)], forgotten],
    ['that behind a late one', [97, 100, 99, 100], [inWindow(100, 3)], forgotten],
    ['that behind one in time', [97, 99, 100, 100], [inWindow(100, 3)], undefined],
    ['that behind it at once', [100, 102, 103, 102], [inWindow(103, 3)], undefined],
  ])('names windows that a record at the edge shares with one before it: %s', (_, times, own, name) => {
    const records = times.map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
    const found = compare({ operators: sliding, inputs: records }, { outputs: own }, { outputs: [] })
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })

  const countOf = (size: number): Operator[] => [
    { op: 'stream', topic: 'in0' },
    { op: 'groupByKey', from: 0 },
    { op: 'aggregate', from: 1, by: 'count', add: 'concat', window: { type: 'sliding', size, grace: 0 } },
    { op: 'toStream', from: 2 },
    { op: 'groupBy', from: 3, key: 'hash' },
    { op: 'aggregate', from: 4, by: 'count', add: 'last' },
    { op: 'toStream', from: 5 },
    { op: 'to', from: 6, topic: 'output' },
  ]
  const summed = countOf(2).map((one) =>
    one.op === 'aggregate' && one.from === 4 ? { ...one, by: 'reduce' as const } : one,
  )
  const shifted = countOf(2).map((one) =>
    one.op === 'groupByKey' ? { op: 'process' as const, from: 0, does: 'twice' as const, shift: 1 } : one,
  )
  const countedAgain = 'results of sliding windows twice, before what counts them'

  it.each<[string, Operator[], CaseOutput[], CaseOutput[], string | undefined]>([
    ['one more', countOf(2), [at(2, 103, 2)], [at(2, 103, 2), at(2, 103, 3)], countedAgain],
    ['what follows', countOf(2), [at(3, 104, 2)], [at(3, 104, 2), at(3, 104, 3)], countedAgain],
    ['before that', countOf(2), [at(1, 101, 2)], [at(1, 101, 2), at(1, 101, 3)], undefined],
    ['where no record is a moment behind', countOf(3), [at(2, 103, 2)], [at(2, 103, 2), at(2, 103, 3)], undefined],
    ['one less besides', countOf(2), [at(2, 103, 3)], [at(2, 103, 2), at(2, 103, 4)], undefined],
    ['one more of ours', countOf(2), [at(2, 103, 2), at(2, 103, 3)], [at(2, 103, 2)], undefined],
    ['another time', countOf(2), [at(2, 103, 2)], [at(2, 104, 2), at(2, 104, 3)], undefined],
    ['what is no count', summed, [at(2, 103, 2)], [at(2, 103, 2), at(2, 103, 'a')], undefined],
    ['behind a processor', shifted, [at(2, 103, 2)], [at(2, 103, 2), at(2, 103, 3)], undefined],
  ])('names what counts windows that are told twice: %s', (_, operators, own, other, name) => {
    const records = [100, 101, 103, 104].map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
    const found = compare({ operators, inputs: records }, { outputs: own }, { outputs: other })
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })
})
