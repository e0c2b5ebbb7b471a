import { keyValue, type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { operatorsOf } from '../dsl/operator-classes.ts'
import { collector, operatorsOfStreams, operatorsOfTables, times, untold, type Values } from './told-times.ts'

type Input = readonly [topic: string, value: unknown, timestamp: number]

/** Operators that forward records with other times than those of their input. */
const origins: Readonly<
  Record<string, { build(s: StreamsBuilder): unknown; inputs: readonly Input[]; times: number[] }>
> = {
  'an aggregation, which keeps the greatest time': {
    build: (s) =>
      s
        .stream<string>('in')
        .groupByKey()
        .reduce('', (all, value) => all + value)
        .toStream(),
    inputs: [
      ['in', 'a', 100],
      ['in', 'b', 50],
      ['in', 'c', 120],
    ],
    times: [100, 100, 120],
  },
  'windows of which the result alone is told': {
    build: (s) =>
      s
        .stream('in')
        .groupByKey()
        .window(tumblingWindow(10, { grace: 0, emit: 'final' }))
        .count()
        .toStream()
        .selectKey(() => 'k'),
    inputs: [
      ['in', 'a', 3],
      ['in', 'b', 12],
      ['in', 'c', 27],
    ],
    times: [3, 12],
  },
  'a join of streams, which takes the greater time': {
    build: (s) => s.stream('in').join(s.stream('other'), { window: 100 }).toStream(),
    inputs: [
      ['in', 'a', 100],
      ['other', 'b', 50],
      ['other', 'c', 120],
    ],
    times: [100, 120],
  },
  'a join of tables': {
    build: (s) => s.table('in').outerJoin(s.table('other')).toStream(),
    inputs: [
      ['in', 'a', 100],
      ['other', 'b', 50],
      ['other', 'c', 120],
    ],
    times: [100, 100, 120],
  },
  'suppressed changes': {
    build: (s) => s.table('in').suppress({ timeLimit: 10 }).toStream(),
    inputs: [
      ['in', 'a', 1],
      ['in', 'b', 5],
      ['in', 'c', 30],
    ],
    times: [30],
  },
  'a processor that gives times of its own': {
    build: (s) =>
      s.stream<string>('in').process<string | null, string>((context) => (value, key) => {
        context.forward(key, value, context.record.timestamp + 7)
        context.forward(key, value)
        context.forward(key, value, 1)
      }),
    inputs: [
      ['in', 'a', 100],
      ['in', 'b', 50],
    ],
    times: [107, 100, 1, 57, 50, 1],
  },
  'a punctuation': {
    build: (s) =>
      s.stream<string>('in').process<string, string>((context) => {
        context.schedule(10, 'stream-time', (time) => {
          context.forward('k', `at ${time}`)
          context.forward('k', 'later', 5)
          context.forward('k', 'again')
        })
        return () => undefined
      }),
    inputs: [
      ['in', 'a', 3],
      ['in', 'b', 14],
    ],
    times: [3, 5, 3, 14, 5, 14],
  },
}

const operators = { ...operatorsOfStreams, ...operatorsOfTables }

it.each([
  ['stream', operatorsOfStreams],
  ['table', operatorsOfTables],
] as const)('each operator of a %s is told the time of a record, or is named with why not', (name, told) => {
  const known = [told, untold[name]].flatMap((all) => Object.keys(all))
  expect(operatorsOf(name).toSorted()).toEqual(known.toSorted())
})

describe.each(Object.entries(origins))(
  'the time of a record behind %s',
  (_name, { build, inputs, times: expected }) => {
    const run = (follow: (stream: Values) => Values) => {
      const driver = new TopologyTestDriver((s) =>
        // The following operators change the time once more, as any operator may.
        follow(build(s) as Values)
          .process<unknown, unknown>((context) => (value, key) => {
            context.forward(key, value)
            context.forward(key, value, 1_000_000)
          })
          .peek(() => undefined)
          .filter((_value, _key, { timestamp }) => timestamp !== 1_000_000)
          .map((value) => keyValue('k', value))
          .to('out'),
      )
      for (const [topic, value, timestamp] of inputs) driver.pipe(topic, value, { key: 'k', timestamp })
      return { driver, written: driver.read('out').map(({ timestamp }) => timestamp) }
    }

    it('is what Kafka Streams makes of it', () => {
      expect(run((stream) => stream).written).toEqual(expected)
    })

    it.each(Object.entries(operators))('is what %s is told, and hands on', (name, operator) => {
      const seen = collector()
      const { driver, written } = run((stream) => operator(stream, seen))
      expect(written).toEqual(expected)
      expect(times(seen)).toEqual(expected)
      if (!/process|transform/.test(name)) return
      const stored = driver.commit().filter(({ store }) => store === 'seen')
      expect(stored.flatMap(({ changes }) => changes.map(({ timestamp }) => timestamp))).toEqual(expected.slice(-1))
    })

    it('is what mapAsync is told, and hands on', async () => {
      const seen = collector()
      const driver = new TopologyTestDriver((s) =>
        (build(s) as Values)
          .mapAsync(async (value, _key, record) => {
            await Promise.resolve()
            seen(record.timestamp)
            return value
          })
          .peek((_value, _key, { timestamp }) => seen(timestamp))
          .map((value) => keyValue('k', value))
          .to('out'),
      )
      for (const [topic, value, timestamp] of inputs) {
        driver.pipe(topic, value, { key: 'k', timestamp })
        await driver.settle()
      }
      expect(driver.read('out').map(({ timestamp }) => timestamp)).toEqual(expected)
      expect(times(seen).toSorted((a, b) => a - b)).toEqual([...expected, ...expected].toSorted((a, b) => a - b))
    })
  },
)

it('the time of a record is told to a generator also when it goes on behind what has another time', () => {
  const seen: number[] = []
  const driver = new TopologyTestDriver((s) =>
    s
      .stream<string>('in')
      .flatMapValues(function* (value, _key, record) {
        for (const one of [value, value]) {
          yield one
          seen.push(record.timestamp)
        }
      })
      .groupByKey()
      .reduce('', (all, value) => all + value)
      .toStream()
      // It gets the greatest time of the key, which stays.
      .peek(() => undefined)
      .to('out'),
  )
  for (const timestamp of [100, 50]) driver.pipe('in', 'a', { key: 'k', timestamp })
  expect(driver.read('out').map(({ timestamp }) => timestamp)).toEqual([100, 100, 100, 100])
  expect(seen).toEqual([100, 100, 50, 50])
})
