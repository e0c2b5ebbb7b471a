import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runProcess } from '../processes/child-processes.ts'
import { runVector } from '../vectors/run-vector.ts'
import { vectorStorages } from '../vectors/storages.ts'
import type { VectorOutput } from '../vectors/vector.ts'
import type { Case, CaseOutput, Operator, Outcome } from './case.ts'
import { compare, isWrong } from './compare.ts'
import { deviations } from './deviations.ts'
import { areWrong, examine } from './examine.ts'
import { generateCase } from './generate-case.ts'
import { runCase } from './run-case.ts'
import { shrink } from './shrink.ts'
import { toVector } from './to-vector.ts'
import { operatorNames } from './traits.ts'

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
    const wanted = [
      ...operatorNames.filter((op) => op !== 'join' && op !== 'process'),
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

  const aggregated = (operator: Partial<Extract<Operator, { op: 'aggregate' }>>): Operator[] => [
    { op: 'stream', topic: 'in0' },
    { op: 'groupByKey', from: 0 },
    { op: 'aggregate', from: 1, by: 'aggregate', add: 'last', ...operator },
    { op: 'toStream', from: 2 },
    { op: 'to', from: 3, topic: 'output' },
  ]
  const joined: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'stream', topic: 'in1' },
    { op: 'join', from: 0, other: 1, kind: 'left', before: 1, after: 1, grace: 0 },
    { op: 'to', from: 2, topic: 'output' },
  ]
  const tumbling = { type: 'tumbling', size: 10, grace: 0 } as const
  const session = { type: 'session', size: 10, grace: 0 } as const

  it.each<[string, Operator[], string, boolean]>([
    ['an aggregation', aggregated({}), 'a', true],
    ['windows', aggregated({ window: tumbling }), 'a', true],
    ['sessions, which have none there', aggregated({ window: session }), 'a', false],
    ['windows when they are over', aggregated({ window: tumbling, emit: 'final' }), 'a', false],
    ['a join', joined, 'a&b', true],
    ['a join that met none', joined, 'a&null', false],
  ])('is of the header where both give one: %s', (_, given, value, isCompared) => {
    const [ours, theirs] = [
      { ...one, value },
      { ...one, value, header: 'i' },
    ]
    const compared = compare({ operators: given, inputs: [] }, { outputs: [ours] }, { outputs: [theirs] })
    expect(isWrong(compared)).toBe(isCompared)
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

describe('a case that is stuck', () => {
  it('ends the process, which says which case it is', { timeout: 60_000 }, async () => {
    const watchdog = new URL('watchdog.ts', import.meta.url).href
    const program = `import { Watchdog } from '${watchdog}'; new Watchdog(0.1).begin(77); for (;;);`
    const found = await runProcess(process.execPath, ['--input-type=module', '-e', program])
    expect(found).toMatchObject({ signal: 'SIGKILL', errors: expect.stringContaining('seed 77') })
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

  it('is shrunk to a vector with headers, where it differs in these alone', async () => {
    const withoutHeaders = async (one: Case): Promise<Outcome> => {
      const outcome = await runCase(one, inMemory)
      if ('error' in outcome || !one.operators.some(({ op }) => op === 'flatMapValues')) return outcome
      return { outputs: outcome.outputs.map(({ header: _header, ...output }) => output) }
    }
    const found = await firstOf(async (one) => (await areWrong([one], inMemory, withoutHeaders))[0] === true)
    const smallest = await shrink(found, (cases) => areWrong(cases, inMemory, withoutHeaders))
    const vector = toVector(smallest, await runCase(smallest, inMemory))
    for (const storage of vectorStorages) expect(await runVector(vector, storage)).toBeUndefined()
    expect(await runVector(toVector(smallest, await withoutHeaders(smallest)), inMemory)).toContain('output 0')
  })

  it('gives a vector that tells of every header that both give', async () => {
    let told = 0
    for (const seed of seeds) {
      const one = generateCase(seed)
      const vector = toVector(one, await runCase(one, inMemory))
      expect(await runVector(vector, inMemory)).toBeUndefined()
      const expected = vector.expected as readonly VectorOutput[]
      const index = expected.findIndex(({ header }) => header !== undefined)
      if (index < 0) continue
      told++
      const wrong = expected.map((output, at) => (at === index ? { ...output, header: 'another' } : output))
      expect(await runVector({ ...vector, expected: wrong }, inMemory)).toContain('another')
    }
    expect(told).toBeGreaterThan(10)
  })

  async function firstOf(holds: (one: Case) => Promise<boolean>): Promise<Case> {
    for (let seed = 1; seed < 100; seed++) {
      const one = generateCase(seed)
      if (await holds(one)) return one
    }
    throw new Error('none of the cases has that fault')
  }
})
