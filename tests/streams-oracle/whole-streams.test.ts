import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { vectorStorages } from '../vectors/storages.ts'
import { outputTopics } from './build-topology.ts'
import type { CaseOutput, Operator, Outcome } from './case.ts'
import { compare } from './compare.ts'
import { areWrong, examine, type Peer } from './examine.ts'
import { generateCase } from './generate-case.ts'
import { runCase } from './run-case.ts'
import { reference, tellsInBetween, withWholeStreams } from './whole-streams.ts'

const [inMemory] = vectorStorages as [(typeof vectorStorages)[number]]

/** Rows that come through an internal topic, which name others. */
const joined: Operator[] = [
  { op: 'stream', topic: 'in0' },
  { op: 'table', topic: 'in1' },
  { op: 'groupBy', from: 0, key: 'same' },
  { op: 'aggregate', from: 2, by: 'reduce', add: 'last' },
  { op: 'join', from: 3, other: 1, kind: 'left', key: 'digit' },
  { op: 'toStream', from: 4 },
]
const chosen: Operator[] = [
  ...joined,
  { op: 'split', from: 5, predicates: ['even', 'third'] },
  { op: 'branch', from: 6, index: 0 },
  { op: 'branch', from: 6, index: 1 },
  { op: 'filter', from: 7, predicate: 'present' },
  { op: 'to', from: 9, topic: 'first' },
  { op: 'to', from: 8, topic: 'second' },
]
const written: Operator[] = [...chosen, { op: 'peek', from: 5 }, { op: 'to', from: 12, topic: 'all' }]

describe('what a join by foreign key tells in between', () => {
  type Told = readonly [topic: string, value: string, key?: string, step?: number]
  const outcome = (told: readonly Told[]): Outcome => ({
    outputs: told.map(([out, value, key = 'k', step = 1]): CaseOutput => ({ step, out, key, value, ts: 5 })),
  })
  const last: Told[] = [
    ['all', '2&z'],
    ['second', '2&z'],
  ]
  const before: Told[] = [
    ['all', '1&c'],
    ['first', '1&c'],
  ]
  const both = [...before, ...last]
  const wrongLast = last.map(([topic]): Told => [topic, '2&y'])

  it.each<[what: string, ours: Told[], theirs: Told[], wrong: string[]]>([
    ['a result of Kafka Streams', last, both, []],
    ['a result of ours', both, last, []],
    ['one that is the last one as well', before, [...both, ...before], []],
    ['not the last one, where it was one before', [['all', '1&c']], [...both, ...before], ['first']],
    ['not a wrong last one', wrongLast, both, ['second', 'all']],
    ['not a wrong last one of one topic', [['all', '2&z'], ...wrongLast.slice(1)], both, ['second']],
    ['not a last one that is missing', [], both, ['second', 'all']],
    ['not a last one that one topic misses', [['all', '2&z']], both, ['second']],
    ['not one that is told in place of the last one', before, both, ['first', 'second', 'all']],
    ['not one without a last one', [], before, ['first', 'all']],
    ['not a wrong one', [...last, ['first', '9&c']], both, ['first']],
    ['not a wrong one beside the right one', [...both, ['first', '9&c']], both, ['first']],
    ['not a wrong one before the last one', [['first', '9&c'], ...before], before, ['first']],
    ['not one of another key', last, [['all', '1&c'], ...last, ['first', '1&c', 'x']], ['first']],
    ['not one of another step', last, [['all', '1&c'], ...last, ['first', '1&c', 'k', 2]], ['first']],
    ['no key that was never joined', last, [...both, ['all', '1&c', 'x'], ['first', '1&c', 'x']], ['first', 'all']],
  ])('is left out behind a split, and nothing else is: %s', (_, own, other, wrong) => {
    const { differences } = compare({ operators: written, inputs: [] }, outcome(own), outcome(other))
    expect(differences.map(({ topic, deviation }) => [topic, deviation])).toEqual(
      wrong.map((topic) => [topic, undefined]),
    )
  })

  const straight: Operator[] = [
    ...written.map((one) => (one.op === 'join' ? { ...one, from: 1, other: 14 } : one)),
    { op: 'table', topic: 'in2' },
  ]
  const global: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'globalTable', topic: 'in1' },
    { op: 'repartition', from: 0 },
    { op: 'peek', from: 2 },
    { op: 'join', from: 3, other: 1, kind: 'left', key: 'digit' },
    { op: 'peek', from: 4 },
    ...written.slice(6),
  ]
  it.each<[what: string, Operator[], wrong: string[]]>([
    ['rows that come straight from a topic', straight, ['first', 'all']],
    ['a join with a global table', global, ['first', 'all']],
    ['rows behind an internal topic', written, []],
  ])('is left out of joins behind an internal topic alone: %s', (_, operators, wrong) => {
    const { differences } = compare({ operators, inputs: [] }, outcome(last), outcome(both))
    expect(differences.map(({ topic }) => topic)).toEqual(wrong)
  })

  it('stands in not-supported.md', () => {
    expect(readFileSync(new URL('../../not-supported.md', import.meta.url), 'utf8')).toContain(reference)
  })
})

describe('the whole of a stream from which some is chosen', () => {
  it('is written to a topic as well, once', () => {
    const added = { op: 'to', from: 5, topic: 'whole5' }
    expect(withWholeStreams({ operators: chosen }).operators).toEqual([...chosen, added])
    expect(withWholeStreams({ operators: written }).operators).toEqual(written)
    expect(withWholeStreams(withWholeStreams({ operators: chosen })).operators).toHaveLength(chosen.length + 1)
  })

  it('is in each generated case behind the others, of which it changes none', () => {
    let added = 0
    for (let seed = 1; seed <= 1000; seed++) {
      const one = generateCase(seed)
      const { operators } = withWholeStreams(one)
      expect(operators.slice(0, one.operators.length)).toEqual(one.operators)
      expect(new Set(outputTopics(operators)).size).toBe(outputTopics(operators).length)
      added += operators.length - one.operators.length
      expect(
        operators
          .slice(one.operators.length)
          .every((each) => each.op === 'to' && tellsInBetween(operators, each.topic)),
      ).toBe(true)
    }
    expect(added).toBeGreaterThan(5)
  })

  it('is asked for of both', async () => {
    const one = { seed: 1, operators: chosen, inputs: [{ topic: 'in0', key: 'k', value: 'a1', ts: 5 }] }
    const inBetween = { step: 0, key: 'k', value: '1&c', ts: 5 }
    const peerOf = (told: readonly string[]): Peer => {
      return async (each) => {
        const topics = outputTopics(each.operators)
        const ours = await runCase(each, inMemory)
        if ('error' in ours) return ours
        const more = told.flatMap((out) => (topics.includes(out) ? [{ ...inBetween, out }] : []))
        return { outputs: [...more, ...ours.outputs] }
      }
    }
    const wrongOf = async (peer: Peer): Promise<(string | undefined)[][]> => {
      const findings = await examine(one, peer)
      return findings.map(({ differences }) => differences.map(({ topic }) => topic))
    }
    expect(await wrongOf(peerOf(['first', 'whole5']))).toEqual([[], []])
    expect(await areWrong([one], inMemory, peerOf(['first', 'whole5']))).toEqual([false])
    expect(await wrongOf(peerOf(['first']))).toEqual([['first'], ['first']])
    expect(await areWrong([one], inMemory, peerOf(['first']))).toEqual([true])
  })
})
