import { describe, expect, it } from 'vitest'
import { http } from '../http/http-transport.ts'
import { requireInteger, requireText, requireTimestamp } from './arguments.ts'
import { type Duration, isDuration, toMilliseconds } from './duration.ts'

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

  it.each(['5', '5 s', '-1s', 's', '', -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 5n, ['5s'], new Date(5), null])(
    'refuses %s and names the option',
    (duration) => {
      expect(isDuration(duration)).toBe(false)
      expect(() => toMilliseconds(duration as unknown as Duration, 'lingerMs')).toThrow(
        /^lingerMs must be milliseconds .*'250ms'/,
      )
    },
  )
})

/** Values that untyped JavaScript may pass, and that JSON, `Number()` or `String()` would turn into something else. */
const garbage: readonly unknown[] = [
  undefined,
  null,
  '',
  'x',
  '5',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  1.5,
  2 ** 53,
  5n,
  true,
  new Date(Number.NaN),
  new Date(-1),
  [5],
  {},
  { a: 5n },
  Symbol('s'),
  () => 5,
]

describe('arguments', () => {
  it.each(garbage.map((value) => [value]))('%o is no timestamp, and the error says what one is', (value) => {
    expect(() => requireTimestamp(value, 'before.timestamp')).toThrow(
      /^before\.timestamp must be a valid Date or whole milliseconds since 1970, from 0 up, got /,
    )
  })

  it.each(garbage.map((value) => [value]))('%o is no number of partitions', (value) => {
    expect(() => requireInteger(value, 'partitions', 1, 100)).toThrow(
      /^partitions must be a whole number from 1 to 100, got /,
    )
  })

  it.each(garbage.filter((value) => typeof value !== 'string' || value === '').map((value) => [value]))(
    '%o is no name',
    (value) => {
      expect(() => requireText(value, 'group')).toThrow(/^group must be a string that is not empty, got /)
    },
  )

  it('takes times as Dates and as milliseconds', () => {
    expect([new Date(5), 5, 0, new Date(0)].map((time) => requireTimestamp(time, 'timestamp'))).toEqual([5, 5, 0, 0])
  })

  it.each([
    [new Date(Number.NaN), 'an invalid Date'],
    [{ timestamp: Number.NaN }, '{"timestamp":"NaN"}'],
    [{ offset: 5n }, '{"offset":"5n"}'],
    ['x'.repeat(200), /got "x{78}…$/],
  ])('shows %o so that one sees what was wrong', (value, shown) => {
    expect(() => requireInteger(value, 'offset', 0)).toThrow(shown)
  })
})

describe('a configuration', () => {
  it.each([
    [
      { url: 'localhost:8080' },
      'http configuration: url must begin with http:// or https:// and name a host, got "localhost:8080"',
    ],
    [[], 'http configuration must be an object, got []'],
    [new Date(5), /must be an object, got the Date 1970/],
    [new Map(), /must be an object/],
    [{}, 'http configuration: url must begin with http:// or https:// and name a host, got undefined'],
    [{ url: 'http://x', timeout: 'soon' }, /timeout must be milliseconds from 0 up.*got "soon"/],
    [{ url: 'http://x', retries: -1 }, /retries must be a whole number from 0 up, got -1/],
    [{ url: 'http://x', apikey: 'k' }, "http configuration: there is no option 'apikey'"],
    [{ url: 'http://x', fetch: 1, retries: 'a' }, /retries .*; fetch must be a function, got 1/],
  ])('%j is refused in one line that names the option', (options, message) => {
    expect(() => http(options as never)).toThrow(message)
  })
})
