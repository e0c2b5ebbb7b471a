import {
  createStreamsBuilder,
  keyValue,
  sessionWindow,
  type Startable,
  type StreamsBuilder,
  tumblingWindow,
} from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

type Input = readonly [topic: string, key: string, value: unknown, second: number]

interface Case {
  readonly name: string
  readonly build: (s: StreamsBuilder) => Startable
  /** Each input and the outputs it causes, as `key=value`. */
  readonly steps: readonly (readonly [input: Input, ...outputs: string[]])[]
}

const cases: readonly Case[] = [
  {
    name: 'sessions that a record connects become one, and a late record changes none that is closed',
    build: (s) =>
      s
        .stream<number>('in')
        .groupByKey()
        .window(sessionWindow('10s', { grace: '20s' }))
        .reduce(0, (sum, value) => sum + value, { merge: (one, other) => one + other })
        .toStream()
        .map((sum, { key, start, end }) => keyValue(`${key}[${start / 1000},${end / 1000}]`, sum))
        .to('out'),
    steps: [
      [['in', 'k', 1, 0], 'k[0,0]=1'],
      [['in', 'k', 2, 20], 'k[20,20]=2'],
      [['in', 'k', 4, 10], 'k[0,0]=null', 'k[20,20]=null', 'k[0,20]=7'],
      [['in', 'k', 8, 31], 'k[31,31]=8'],
      [['in', 'other', 1, 61], 'other[61,61]=1'],
      [['in', 'k', 16, 20]],
      [['in', 'k', 32, 40], 'k[31,31]=null', 'k[31,40]=40'],
    ],
  },
  {
    name: 'windows take what comes within their grace, and nothing that comes later, however long they are kept',
    build: (s) =>
      s
        .stream<number>('in')
        .groupByKey()
        .window(tumblingWindow('10s', { grace: '5s', retention: '1h' }))
        .reduce(0, (sum, value) => sum + value)
        .toStream()
        .map((sum, { key, start }) => keyValue(`${key}[${start / 1000}]`, sum))
        .to('out'),
    steps: [
      [['in', 'k', 1, 9.999], 'k[0]=1'],
      [['in', 'k', 2, 10], 'k[10]=2'],
      [['in', 'k', 4, 14.999], 'k[10]=6'],
      [['in', 'k', 8, 0], 'k[0]=9'],
      [['in', 'k', 16, 15], 'k[10]=22'],
      [['in', 'k', 32, 9.999]],
      [['in', 'other', 1, 0]],
      [['in', 'k', 64, 10], 'k[10]=86'],
    ],
  },
  {
    name: 'windows of which the result alone is wanted are told once, when the grace is over',
    build: (s) =>
      s
        .stream<number>('in')
        .groupByKey()
        .window(tumblingWindow('10s', { grace: '5s', retention: '1h', emit: 'final' }))
        .reduce(0, (sum, value) => sum + value)
        .toStream()
        .map((sum, { key, start }) => keyValue(`${key}[${start / 1000}]`, sum))
        .to('out'),
    steps: [
      [['in', 'k', 1, 0]],
      [['in', 'k', 2, 9.999]],
      [['in', 'k', 4, 10]],
      [['in', 'k', 8, 14]],
      [['in', 'k', 16, 9]],
      [['in', 'k', 32, 15], 'k[0]=19'],
      [['in', 'k', 64, 9.999]],
      [['in', 'other', 1, 24.999]],
      [['in', 'other', 1, 25], 'k[10]=44'],
      [['in', 'other', 1, 40], 'other[20]=2'],
    ],
  },
  {
    name: 'changes that are held back are told once, the last of each key, counted from the first',
    build: (s) => s.stream<number>('in').toTable().suppress({ timeLimit: '10s' }).toStream().to('out'),
    steps: [
      [['in', 'a', 1, 0]],
      [['in', 'b', 1, 4]],
      [['in', 'a', 2, 9]],
      [['in', 'c', 1, 10], 'a=2'],
      [['in', 'a', 3, 13]],
      [['in', 'b', null, 14], 'b=null'],
      [['in', 'd', 1, 20], 'c=1'],
      [['in', 'd', 2, 23], 'a=3'],
      [['in', 'e', 1, 30], 'd=2'],
    ],
  },
  {
    name: 'streams meet within their window, its ends included, and what has met none is told once its time is over',
    build: (s) =>
      s
        .stream<string>('left')
        .outerJoin(s.stream<string>('right'), { window: '5s' })
        .mapValues((left, right) => `${left}+${right}`)
        .to('out'),
    steps: [
      [['left', 'k', 'l0', 10]],
      [['right', 'k', 'r0', 15], 'k=l0+r0'],
      [['right', 'k', 'r1', 5], 'k=l0+r1'],
      [['right', 'k', 'r2', 15.001]],
      [['left', 'alone', 'l1', 16]],
      [['right', 'other', 'r3', 20]],
      [['left', 'other', 'l2', 21], 'k=null+r2', 'other=l2+r3'],
      [['left', 'late', 'l3', 22], 'alone=l1+null'],
      [['right', 'k', 'r4', 100], 'late=l3+null'],
    ],
  },
  {
    name: 'a row that was deleted meets nobody, and what is made of joined tables is taken back',
    build: (s) => {
      const [left, right] = [s.table<string>('left'), s.table<string>('right')]
      return left
        .join(right, (one, other) => ({ group: one, amount: other.length }))
        .groupBy((row) => row.group)
        .aggregate(
          0,
          (sum, row) => sum + row.amount,
          (sum, row) => sum - row.amount,
        )
        .toStream()
        .to('out')
    },
    steps: [
      [['left', 'k', 'a', 0]],
      [['right', 'k', 'xx', 1], 'a=2'],
      [['left', 'm', 'a', 2]],
      [['right', 'm', 'xxx', 3], 'a=5'],
      [['right', 'k', 'x', 4], 'a=4'],
      [['left', 'm', 'b', 5], 'a=1', 'b=3'],
      [['left', 'k', null, 6], 'a=0'],
      [['right', 'k', 'xxxx', 7]],
      [['left', 'k', 'b', 8], 'b=7'],
    ],
  },
]

describe.each(cases.map((one) => [one.name, one] as const))('%s', (_name, { build, steps }) => {
  it.each([
    ['without a restart', false],
    ['with one after each record', true],
  ])('%s', (_when, isRestarted) => {
    const driver = new TopologyTestDriver(build(createStreamsBuilder(noTransport)))
    const found = steps.map(([[topic, key, value, second]]) => {
      driver.pipe(topic, { key, value, timestamp: second * 1000 })
      const outputs = driver.read<number, string>('out').map((out) => `${out.key}=${out.value}`)
      if (isRestarted) driver.restart()
      return [[topic, key, value, second], ...outputs]
    })
    expect(found).toEqual(steps)
  })
})
