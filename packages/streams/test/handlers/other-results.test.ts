import { hoppingWindow, sessionWindow, slidingWindow, type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import { type DriverRecord, TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'

/** Each result passes through it before it is written. */
type Judge = (value: unknown) => unknown

const last = (_before: string, value: string): string => value
const begun = (s: StreamsBuilder) => s.stream<string>('in').groupByKey()
const keyOf = (_value: unknown, key: unknown): string => JSON.stringify(key)

/** Topologies where one record makes several results, or releases results of others. */
const topologies: Readonly<Record<string, (s: StreamsBuilder, judge: Judge) => unknown>> = {
  'final results of windows': (s, judge) =>
    begun(s)
      .window(tumblingWindow(10, { grace: 0, emit: 'final' }))
      .reduce('', last)
      .toStream()
      .mapValues(judge)
      .selectKey(keyOf)
      .to('out'),
  'windows that are closed': (s, judge) =>
    begun(s)
      .window(tumblingWindow(10, { grace: 0 }))
      .reduce('', last)
      .untilWindowCloses()
      .toStream()
      .mapValues(judge)
      .selectKey(keyOf)
      .to('out'),
  'suppressed rows': (s, judge) =>
    s.table<string>('in', { name: 'rows' }).suppress({ timeLimit: 10 }).toStream().mapValues(judge).to('out'),
  'records of a left join that meet nothing': (s, judge) =>
    s
      .stream<string>('in')
      .leftJoin(s.stream<string>('other'), { window: 10, grace: 0 })
      .map((left, right) => [left, right])
      .mapValues(judge)
      .to('out'),
  'records that wait for a grace': (s, judge) =>
    s
      .stream<string>('in')
      .leftJoin(s.table<string>('rows', { name: 'rows' }), { grace: 10 })
      .map((left) => left)
      .mapValues(judge)
      .to('out'),
  'windows that lap over': (s, judge) =>
    begun(s)
      .window(hoppingWindow(10, 5, { grace: 0 }))
      .reduce('', last)
      .toStream()
      .mapValues(judge)
      .selectKey(keyOf)
      .to('out'),
  'sliding windows': (s, judge) =>
    begun(s)
      .window(slidingWindow(10, { grace: 100 }))
      .reduce('', last)
      .toStream()
      .mapValues(judge)
      .selectKey(keyOf)
      .to('out'),
  sessions: (s, judge) =>
    begun(s)
      .window(sessionWindow(10, { grace: 100 }))
      .reduce('', last, { merge: last })
      .toStream()
      .mapValues(judge)
      .selectKey(keyOf)
      .to('out'),
  'several values of one': (s, judge) =>
    s
      .stream<string>('in')
      .flatMapValues((value) => [`${value} 1`, value, `good ${value.length}`])
      .mapValues(judge)
      .to('out'),
  branches: (s, judge) => {
    const input = s.stream<string>('in')
    input.mapValues(judge).to('out')
    input.mapValues((value) => `good ${value.length}`).to('out')
  },
  'rows that name another': (s, judge) =>
    s
      .table<string>('in', { name: 'left' })
      .join(
        s.table<string>('rows', { name: 'right' }),
        { on: { left: () => 'one', right: () => null } },
        (left: string) => left,
      )
      .toStream()
      .mapValues(judge)
      .to('out'),
}

const isBad = (value: unknown): boolean => JSON.stringify(value).includes('bad')

/** The results of a topology for the same records. */
function results(build: (s: StreamsBuilder, judge: Judge) => unknown, judge: Judge): DriverRecord[] {
  const driver = new TopologyTestDriver((s) => build(s, judge), { onError: { processing: 'skip' } })
  const pipe = (value: string, key: string, timestamp: number): void => driver.pipe('in', value, { key, timestamp })
  pipe('bad', 'a', 0)
  pipe('good b', 'b', 1)
  pipe('bad c', 'c', 2)
  if (build === topologies['rows that name another']) driver.pipe('rows', 'row', { key: 'one', timestamp: 3 })
  pipe('good a', 'a', 7)
  pipe('bad', 'a', 12)
  pipe('good tick', 'z', 100)
  pipe('good tock', 'y', 1000)
  return driver.read('out')
}

describe('a result that fails and is left out', () => {
  it.each(Object.entries(topologies))('takes nothing else with it: %s', (_, build) => {
    const all = results(build, (value) => value)
    const judged = results(build, (value) => {
      if (isBad(value)) throw new Error('bad')
      return value
    })
    const expected = all.filter(({ value }) => !isBad(value))
    expect(all.length).toBeGreaterThan(expected.length)
    expect(judged).toEqual(expected)
  })

  it('does not have the record put aside that only let time pass', () => {
    const driver = new TopologyTestDriver(
      (s) =>
        topologies['suppressed rows']?.(s, (value) => {
          if (isBad(value)) throw new Error('bad')
          return value
        }),
      { onError: { processing: 'deadLetter' }, deadLetterTopic: 'aside' },
    )
    driver.pipe('in', 'bad', { key: 'a', timestamp: 0 })
    driver.pipe('in', 'innocent', { key: 'z', timestamp: 100 })
    expect(driver.read('aside').map(({ key }) => key)).not.toContain('z')
  })
})
