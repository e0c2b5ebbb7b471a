import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runVector } from '../vectors/run-vector.ts'
import { vectorStorages } from '../vectors/storages.ts'
import type { Case, CaseOutput, Operator, Outcome } from './case.ts'
import { compare, isWrong } from './compare.ts'
import { deviations } from './deviations.ts'
import { areWrong, examine } from './examine.ts'
import { generateCase } from './generate-case.ts'
import { runCase } from './run-case.ts'
import { shrink } from './shrink.ts'
import { toVector } from './to-vector.ts'

const [inMemory] = vectorStorages as [(typeof vectorStorages)[number]]
const seeds = Array.from({ length: 40 }, (_, index) => index + 1)

describe('cases', () => {
  it('are the same for the same seed', () => {
    expect(generateCase(7)).toEqual(generateCase(7))
    expect(generateCase(7)).not.toEqual({ ...generateCase(8), seed: 7 })
  })

  it('have every operator, join, window and way to emit among them', () => {
    const kinds = new Set<string>()
    for (let seed = 1; seed <= 600; seed++) {
      for (const operator of generateCase(seed).operators) kinds.add(kindOf(operator))
    }
    const windows = ['tumbling', 'hopping', 'sliding', 'session']
    const plain =
      'stream table globalTable filter mapValues map flatMap flatMapValues selectKey peek merge split branch ' +
      'groupBy groupByKey repartition toTable toStream ' +
      'suppress untilWindowCloses aggregate cogroup'
    const wanted = [
      ...plain.split(' '),
      ...windows.flatMap((window) => [`aggregate ${window}`, `aggregate ${window} final`, `cogroup ${window}`]),
      ...['inner', 'left', 'outer'].flatMap((kind) => [`join ${kind}`, `join windowed ${kind}`]),
      ...['inner', 'left'].map((kind) => `join by key ${kind}`),
      ...['count', 'twice', 'hold wall-clock', 'hold stream-time'].map((does) => `process ${does}`),
    ]
    expect(wanted.filter((kind) => !kinds.has(kind))).toEqual([])
  })

  it.each(seeds)('come out the same wherever the stores are: seed %i', async (seed) => {
    const one = { ...generateCase(seed), seed: seed * 10 }
    const findings = await examine(one, (each) => runCase(each, inMemory))
    expect(findings.map(({ storage: { name }, error, differences }) => ({ name, error, differences }))).toEqual(
      findings.map(({ storage: { name } }) => ({ name, error: undefined, differences: [] })),
    )
  })
})

function kindOf(operator: Operator): string {
  const { op } = operator
  if (op === 'process') return ['process', operator.does, operator.by].filter(Boolean).join(' ')
  if (op === 'join') {
    const how = operator.before === undefined ? (operator.key === undefined ? '' : 'by key') : 'windowed'
    return ['join', how, operator.kind].filter(Boolean).join(' ')
  }
  if (op !== 'aggregate' && op !== 'cogroup') return op
  return [op, operator.window?.type, operator.op === 'aggregate' && operator.emit].filter(Boolean).join(' ')
}

describe('the comparison', () => {
  const operators: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'to', from: 0, topic: 'output' },
  ]
  const one: CaseOutput = { step: 0, out: 'output', key: 'k0', value: 'a', ts: 1, header: 'h' }
  const other: CaseOutput = { ...one, value: 'b' }
  const elsewhere: CaseOutput = { ...one, key: 'k1' }
  const isSame = (ours: CaseOutput[], theirs: CaseOutput[]): boolean =>
    !isWrong(compare({ operators, inputs: [] }, { outputs: ours }, { outputs: theirs }))

  it('is of key, value, time, header, step, and the order of a key', () => {
    expect(isSame([one, other], [one, other])).toBe(true)
    for (const wrong of [{ key: 'k2' }, { value: 'c' }, { ts: 2 }, { header: 'i' }, { step: 1 }])
      expect(isSame([one], [{ ...one, ...wrong }])).toBe(false)
    expect(isSame([one, other], [other, one])).toBe(false)
    expect(isSame([one], [one, one])).toBe(false)
    expect(isSame([], [one])).toBe(false)
    expect(isSame([one, elsewhere], [elsewhere, one])).toBe(true)
  })

  it('is wrong where one of both does not run', () => {
    const failed: Outcome = { error: 'no' }
    expect(isWrong(compare({ operators, inputs: [] }, { outputs: [] }, failed))).toBe(true)
    expect(isWrong(compare({ operators, inputs: [] }, failed, { outputs: [] }))).toBe(true)
  })

  it('explains by what not-supported.md says', () => {
    const text = readFileSync(new URL('../../not-supported.md', import.meta.url), 'utf8')
    for (const { name, reference } of deviations) expect(text, name).toContain(reference)
  })
})

describe('a deviation', () => {
  const byForeignKey: Operator[] = [
    { op: 'table', topic: 'in0' },
    { op: 'table', topic: 'in1' },
    { op: 'join', from: 0, other: 1, kind: 'inner', key: 'digit' },
    { op: 'groupBy', from: 2, key: 'same' },
    { op: 'aggregate', from: 3, by: 'aggregate', add: 'concat' },
    { op: 'toStream', from: 4 },
    { op: 'to', from: 5, topic: 'output' },
  ]
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
  const inputs = [50, 3].map((ts, index) => ({ topic: `in${index}`, key: 'k', value: 'a', ts }))
  const ofRow = (step: number, value: string): CaseOutput => ({ step, out: 'output', key: 'k', value, ts: 1 })
  const ofWindow = (start: number, value: string): CaseOutput => {
    return { step: 1, out: 'output', key: { key: 'k', start, end: start + 10 }, value, ts: start + 3 }
  }
  const late = ofWindow(0, '^+a')
  const asked = 'a join by foreign key that is asked again'
  const byInput = 'windows of a cogroup late by input'

  it.each<[string, Operator[], CaseOutput[], CaseOutput[], string | undefined]>([
    ['a row that is taken away and added again', byForeignKey, [ofRow(1, '^+a-a+a')], [], asked],
    ['another row that is added', byForeignKey, [ofRow(1, '^+a-a+b')], [], undefined],
    ['a row that is taken away', byForeignKey, [ofRow(1, '^+a-a')], [], undefined],
    ['a row that is missing', byForeignKey, [], [ofRow(1, '^+a-a+a')], undefined],
    ['a window that is late', cogroup, [], [late], byInput],
    ['a window that is not', cogroup, [], [ofWindow(50, '^+a')], undefined],
    ['a window of ours', cogroup, [late], [], undefined],
    ['a window of another time beside one that is late', cogroup, [ofWindow(60, '^+b')], [late], undefined],
    ['what follows in one that is late', cogroup, [ofWindow(0, '^+b')], [late, ofWindow(0, '^+a+b')], byInput],
  ])('explains what follows from it, and nothing else: %s', (_, operators, own, other, name) => {
    const before = operators === byForeignKey ? [ofRow(0, '^+a')] : []
    const of = (outputs: CaseOutput[]): Outcome => ({ outputs: [...before, ...outputs] })
    expect(compare({ operators, inputs }, of(own), of(other)).differences.map(({ deviation }) => deviation)).toEqual([
      name,
    ])
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
  const groupedSessions: Operator[] = [
    ...sessions.slice(0, 3),
    { op: 'groupBy', from: 2, key: 'same' },
    { op: 'aggregate', from: 3, by: 'aggregate', add: 'concat' },
    { op: 'toStream', from: 4 },
    { op: 'to', from: 5, topic: 'output' },
  ]
  // The third is 15 behind, the fourth of the same moment as the third.
  const moments = [20, 30, 15, 15].map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
  const at = (step: number, ts: number, value: string | number | null): CaseOutput => {
    return { step, out: 'output', key: 'k', value, ts }
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
    ['what is added once more', groupedSessions, [at(3, 15, '^+1-1+2')], [at(3, 15, '^+1+2')], twice],
    ['what is taken away from another group', groupedSessions, [at(3, 15, '^+1-1')], [], twice],
    ['what was added before', groupedSessions, [at(2, 15, '^+1-1+2')], [at(2, 15, '^+1+2')], undefined],
    ['what is told there alone', groupedSessions, [], [at(3, 15, '^+1+2')], undefined],
  ])('says which results may differ, and not of which topologies: %s', (_, operators, own, other, name) => {
    const found = compare({ operators, inputs: moments }, { outputs: own }, { outputs: other })
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })

  const sliding: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'groupByKey', from: 0 },
    { op: 'aggregate', from: 1, by: 'count', add: 'concat', window: { type: 'sliding', size: 2, grace: 0 } },
    { op: 'toStream', from: 2 },
    { op: 'to', from: 3, topic: 'output' },
  ]
  const inWindow = (start: number, step = 2): CaseOutput => {
    return { step, out: 'output', key: { key: 'k', start, end: start + 2 }, value: 1, ts: start + 2 }
  }

  it.each<[string, number[], CaseOutput[], string | undefined]>([
    ['that of the one before', [100, 102, 102], [inWindow(100)], 'a sliding window that is forgotten a moment early'],
    ['that behind it', [100, 102, 102], [inWindow(101)], 'a sliding window that is forgotten a moment early'],
    ['another one', [100, 102, 102], [inWindow(102)], undefined],
    ['with a record that is late', [100, 103, 102], [inWindow(100)], undefined],
    ['before it', [100, 101, 102], [inWindow(100, 1)], undefined],
  ])('names windows that a record at the edge shares with one before it: %s', (_, times, own, name) => {
    const records = times.map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))
    const found = compare({ operators: sliding, inputs: records }, { outputs: own }, { outputs: [] })
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
  })
})

describe('a case that differs', () => {
  /** As ours, but for what is made of tables: nothing is said of values with a b in them. */
  const faulty = async (one: Case): Promise<Outcome> => {
    const outcome = await runCase(one, inMemory)
    if ('error' in outcome || !one.operators.some(({ op }) => op === 'table')) return outcome
    return { outputs: outcome.outputs.filter(({ value }) => !String(value).includes('b')) }
  }

  it('is shrunk to what it takes, and a vector of it tells the same', async () => {
    const found = await firstOf(async (one) => (await areWrong([one], inMemory, faulty))[0] === true)
    const smallest = await shrink(found, (cases) => areWrong(cases, inMemory, faulty))
    expect(smallest.operators.map(({ op }) => op)).toContain('table')
    expect(smallest.operators.length).toBeLessThanOrEqual(4)
    expect(smallest.inputs).toHaveLength(1)
    const vector = toVector(smallest, await runCase(smallest, inMemory))
    for (const storage of vectorStorages) expect(await runVector(vector, storage)).toBeUndefined()
    expect(await runVector(toVector(smallest, await faulty(smallest)), inMemory)).toContain('output 0')
  })

  async function firstOf(holds: (one: Case) => Promise<boolean>): Promise<Case> {
    for (let seed = 1; seed < 100; seed++) {
      const one = generateCase(seed)
      if (await holds(one)) return one
    }
    throw new Error('none of the cases has that fault')
  }
})
