import { describe, expect, it } from 'vitest'
import { http } from '../transport/http-transport.ts'
import { type Duration, toMilliseconds } from './duration.ts'

describe('durations', () => {
  it.each([
    [250, 250],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    [0, 0],
  ] as const)('%s is %d ms', (duration, expected) => expect(toMilliseconds(duration, 'x')).toBe(expected))

  it.each(['5', '5 s', '-1s', 's', '', -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s and names the option',
    (duration) => {
      expect(() => toMilliseconds(duration as Duration, 'lingerMs')).toThrow(/^lingerMs must be milliseconds .*'250ms'/)
    },
  )
})

describe('a configuration', () => {
  it.each([
    [
      { url: 'localhost:8080' },
      'http configuration: url must begin with http:// or https:// and name a host, got "localhost:8080"',
    ],
    [{}, 'http configuration: url must begin with http:// or https:// and name a host, got undefined'],
    [{ url: 'http://x', timeout: 'soon' }, /timeout must be milliseconds from 0 up.*got "soon"/],
    [{ url: 'http://x', retries: -1 }, /retries must be a whole number from 0 up, got -1/],
    [{ url: 'http://x', apikey: 'k' }, "http configuration: there is no option 'apikey'"],
    [{ url: 'http://x', fetch: 1, retries: 'a' }, /retries .*; fetch must be a function, got 1/],
  ])('%j is refused in one line that names the option', (options, message) => {
    expect(() => http(options as never)).toThrow(message)
  })
})
