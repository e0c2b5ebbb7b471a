import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'

const noTimes: readonly unknown[] = [-1, -5, 1.5, Number.NaN, Infinity, 2 ** 53, '5', null, new Date(Number.NaN)]

it.each(noTimes)('nothing is handed on with %s for its time', (timestamp) => {
  for (const given of [timestamp, { timestamp }]) {
    // A number may be one that a user has computed.
    if (typeof given !== 'number' && given === timestamp) continue
    for (const operator of ['process', 'processValues'] as const) {
      const driver = new TopologyTestDriver((s) => {
        const input = s.stream<string>('input')
        if (operator === 'process')
          input
            .process<string | null, string>((context) => (value, key) => context.forward(key, value, given as number))
            .to('output')
        else input.processValues<string>((context) => (value) => context.forward(value, given as number)).to('output')
      })
      expect(() => driver.pipe('input', 'a', { timestamp: 3 })).toThrow(
        /topic 'input' partition 0 offset 0.*the timestamp of a forwarded record must be a valid Date or whole milliseconds since 1970, from 0 up, got/,
      )
      expect(driver.read('output')).toEqual([])
    }
  }
})

it.each([0, '0ms', -1, 0.4])('nothing is scheduled every %s', (interval) => {
  const build = (): unknown =>
    new TopologyTestDriver((s) => {
      s.stream<string>('input')
        .process((context) => {
          context.schedule(interval as number, 'stream-time', () => undefined)
          return () => undefined
        })
        .to('output')
    })
  expect(build).toThrow(/interval/)
})

describe.each(['stream-time', 'wall-clock'] as const)('a callback of schedule by %s', (type) => {
  it('hands on with the time of its call, as Kafka Streams does, whatever the one before it has done', () => {
    const driver = new TopologyTestDriver(
      (s) =>
        s
          .stream<string>('input')
          .process<string, number>((context) => {
            const handOn = (): void => context.forward('k', context.record.timestamp)
            context.schedule(10, type, handOn)
            context.schedule(10, type, () => context.forward('bad', 0, 7))
            context.schedule(10, type, handOn)
            return () => undefined
          })
          .process<string, number>((context) => (value, key) => {
            if (key === 'bad') throw new Error('not this one')
            context.forward(key, value)
          })
          .to('output'),
      { now: 1000, onError: 'skip' },
    )
    driver.pipe('input', 'a', { timestamp: 50 })
    expect(driver.read('output').map(({ value }) => value)).toEqual(type === 'stream-time' ? [50, 50] : [])
    if (type === 'stream-time') driver.pipe('input', 'b', { timestamp: 61 })
    else driver.advance(10)
    const time = type === 'stream-time' ? 61 : 1010
    expect(driver.read('output').map(({ value, timestamp }) => [value, timestamp])).toEqual([
      [time, time],
      [time, time],
    ])
  })
})

it('every operator of your own knows the time of the clock', () => {
  const driver = new TopologyTestDriver(
    (s) => {
      s.stream<string>('input')
        .process<string | null, number>((context) => (_value, key) => context.forward(key, context.systemTime))
        .to('process')
      s.stream<string>('input')
        .processValues<number>((context) => () => context.forward(context.systemTime))
        .to('processValues')
      s.table<string>('rows')
        .transformValues<number>((context) => () => context.systemTime)
        .to('transformValues')
    },
    { now: 1000 },
  )
  for (const now of [1000, 1010]) {
    for (const topic of ['input', 'rows']) driver.pipe(topic, 'a', { key: 'k', timestamp: 50 })
    for (const topic of ['process', 'processValues', 'transformValues'])
      expect(driver.read(topic).map(({ value }) => value)).toEqual([now])
    driver.advance(10)
  }
})
