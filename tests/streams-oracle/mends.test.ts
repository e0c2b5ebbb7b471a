import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Case, CaseOutput, CaseWindow, Operator, Outcome } from './case.ts'
import { compare } from './compare.ts'
import { areWrong, examine, type Peer } from './examine.ts'
import { mends } from './mends.ts'
import { runCase } from './run-case.ts'
import { vectorStorages } from '../vectors/storages.ts'

type Result = Omit<CaseOutput, 'out'>

const [inMemory] = vectorStorages as [(typeof vectorStorages)[number]]
const session = { type: 'session', size: 7, grace: 0 } as const
const tumbling = { type: 'tumbling', size: 10, grace: 3 } as const
const sliding = { type: 'sliding', size: 11, grace: 0 } as const

const final = 'final windows that are lost or closed early'
const finalSession = `${final} or sessions that are closed early or counted twice`
const twice = 'sessions that are closed early or counted twice'
const toldTwice = 'sliding windows that are told twice or forgotten'

function counted(window: CaseWindow, emit: 'updates' | 'final', ...more: Operator[]): Operator[] {
  const before: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'groupByKey', from: 0 },
    { op: 'aggregate', from: 1, by: 'count', add: 'concat', window, emit },
    ...more,
  ]
  const [made, output] = [before.length - 1, before.length]
  return [...before, { op: 'toStream', from: made }, { op: 'to', from: output, topic: 'output' }]
}

const row = (step: number, key: string, value: string | number | null, ts: number): Result => ({ step, key, value, ts })
const inWindow = (step: number, start: number, end: number, value: string | number, key = 'k'): Result => {
  return { step, key: { key, start, end }, value, ts: end }
}
const outcome = (results: readonly Result[]): Outcome => ({
  outputs: results.map((one) => ({ ...one, out: 'output' })),
})
const inputsAt = (times: readonly number[]): Case['inputs'] =>
  times.map((ts) => ({ topic: 'in0', key: 'k', value: 'a', ts }))

describe('what Kafka Streams tells otherwise by a defect of its own', () => {
  const finalSessions = counted(session, 'final')
  const heldSessions = counted(session, 'updates', { op: 'untilWindowCloses', from: 2 })
  const finalWindows = counted(tumbling, 'final')
  const grouped = counted(
    session,
    'updates',
    { op: 'groupBy', from: 2, key: 'same' },
    { op: 'aggregate', from: 3, by: 'aggregate', add: 'concat' },
  )
  const regrouped: Operator[] = [
    ...counted(sliding, 'updates').slice(0, 4),
    { op: 'process', from: 3, does: 'count', shift: 0 },
    { op: 'to', from: 4, topic: 'output' },
  ]
  const plain: Operator[] = [
    { op: 'stream', topic: 'in0' },
    { op: 'to', from: 0, topic: 'output' },
  ]
  // The session of 20 closes with the record of 27, and no other.
  const closed = inWindow(1, 20, 20, 1)
  const absorbed = inWindow(2, 20, 27, 2)
  const twoAdded = [row(3, 'k', '^+1+2', 15)]

  it.each<[what: string, Operator[], ours: Result[], theirs: Result[], mended: Result[], name: string | undefined]>([
    ['a session that it tells early', finalSessions, [], [closed], [], finalSession],
    ['another value of that session', finalSessions, [inWindow(1, 20, 20, 9)], [closed], [closed], undefined],
    [
      'one that would have absorbed it',
      finalSessions,
      [absorbed],
      [closed, inWindow(2, 26, 26, 1)],
      [absorbed],
      finalSession,
    ],
    [
      'another value of that one',
      finalSessions,
      [{ ...absorbed, value: 9 }],
      [closed, inWindow(2, 26, 26, 1)],
      [absorbed],
      undefined,
    ],
    ['one of ours that it never had', finalSessions, [inWindow(2, 20, 26, 3)], [closed], [], undefined],
    ['a window lost by a jump', finalWindows, [inWindow(2, 10, 20, 2)], [], [inWindow(2, 10, 20, 2)], final],
    ['another value of it', finalWindows, [inWindow(2, 10, 20, 9)], [], [inWindow(2, 10, 20, 2)], undefined],
    ['a window lost without a defect', finalWindows, [inWindow(2, 10, 20, 2)], [], [], undefined],
    [
      'a session taken away from its group',
      grouped,
      [row(3, 'k', '^+1-1+2', 15)],
      twoAdded,
      [row(3, 'k', '^+1-1+2', 15)],
      twice,
    ],
    [
      'another value of the group',
      grouped,
      [row(3, 'k', '^+1-1+9', 15)],
      twoAdded,
      [row(3, 'k', '^+1-1+2', 15)],
      undefined,
    ],
    ['one more of the group', grouped, [row(3, 'k', '^+1+2+2', 15)], twoAdded, [row(3, 'k', '^+1-1+2', 15)], undefined],
    [
      'a window told twice, before a processor that counts',
      regrouped,
      [row(3, 'k@9-20', '1#1', 20)],
      [row(3, 'k@9-20', '1#1', 20), row(3, 'k@9-20', '1#2', 20)],
      [row(3, 'k@9-20', '1#1', 20)],
      toldTwice,
    ],
    [
      'another count of it',
      regrouped,
      [row(3, 'k@9-20', '1#3', 20)],
      [row(3, 'k@9-20', '1#1', 20), row(3, 'k@9-20', '1#2', 20)],
      [row(3, 'k@9-20', '1#1', 20)],
      undefined,
    ],
    ['what no defect is of', plain, [row(1, 'k', 'a', 20)], [row(1, 'k', 'b', 20)], [row(1, 'k', 'a', 20)], undefined],
    [
      'a session suppressed early',
      heldSessions,
      [inWindow(2, 20, 20, 1)],
      [closed],
      [closed],
      'sessions suppressed 1 ms early',
    ],
    ['another value of it', heldSessions, [inWindow(2, 20, 20, 2)], [closed], [closed], undefined],
    ['one that closes with no record', heldSessions, [inWindow(2, 21, 21, 1)], [inWindow(1, 21, 21, 1)], [], undefined],
    [
      'one suppressed early beside one that has absorbed another',
      heldSessions,
      [inWindow(2, 20, 20, 1), inWindow(3, 26, 27, 2)],
      [closed, inWindow(3, 27, 27, 1)],
      [closed, inWindow(3, 26, 27, 2)],
      `${twice}, sessions suppressed 1 ms early`,
    ],
  ])('is the same without that defect: %s', (_, operators, own, other, mended, name) => {
    const given = { operators, inputs: inputsAt([20, 27, 50, 60]) }
    const found = compare(given, outcome(own), outcome(other), outcome(mended))
    expect(found.differences.map(({ deviation }) => deviation)).toEqual([name])
    expect(compare(given, outcome(own), outcome(other)).differences).toHaveLength(1)
  })

  it('is asked for where nothing else explains a difference', async () => {
    const one = { seed: 1, operators: finalWindows, inputs: inputsAt([5, 14, 55]) }
    const asked: boolean[] = []
    const ofPeer = (losesWindows: boolean): Peer => {
      return (each, { isMended = false } = {}) => {
        asked.push(isMended)
        return losesWindows && !isMended ? Promise.resolve({ outputs: [] }) : runCase(each, inMemory)
      }
    }
    const deviationsOf = async (peer: Peer): Promise<(string | undefined)[]> => {
      const [found] = await examine(one, peer)
      return found?.differences.map(({ deviation }) => deviation) ?? []
    }
    expect(await deviationsOf(ofPeer(false))).toEqual([])
    expect(asked).toEqual([false])
    expect(await deviationsOf(ofPeer(true))).toEqual([final])
    expect(asked).toContain(true)
    expect(await areWrong([one], inMemory, ofPeer(true))).toEqual([false])
  })

  it('stands in not-supported.md', () => {
    const text = readFileSync(new URL('../../not-supported.md', import.meta.url), 'utf8')
    for (const { name, references } of mends) for (const each of references) expect(text, name).toContain(each)
  })
})
