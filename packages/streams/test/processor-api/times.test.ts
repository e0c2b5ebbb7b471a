import { TopologyTestDriver } from '@kafkado/testing/streams'
import { expect, it } from 'vitest'

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
