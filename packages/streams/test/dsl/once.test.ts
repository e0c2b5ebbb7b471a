import { createStreamsBuilder, keyValue, tumblingWindow, unlimitedWindow } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

describe('split', () => {
  it('asks each predicate at most once for a record, and none behind the first that holds', () => {
    const s = createStreamsBuilder(noTransport)
    const asked: string[] = []
    const is = (name: string) => (value: string) => {
      asked.push(name)
      return value.startsWith(name)
    }
    const { a, b, c, rest } = s.stream<string>('in').split({ a: is('a'), b: is('b'), c: is('c') }, { default: 'rest' })
    for (const [name, branch] of Object.entries({ a, b, c, rest })) branch.to(name)
    const driver = new TopologyTestDriver(s)
    const of = (value: string): string[] => {
      asked.length = 0
      driver.pipe('in', { value })
      return [...asked, ...['a', 'b', 'c', 'rest'].flatMap((name) => driver.read(name).map(() => `→ ${name}`))]
    }
    expect(of('a1')).toEqual(['a', '→ a'])
    expect(of('b1')).toEqual(['a', 'b', '→ b'])
    expect(of('z1')).toEqual(['a', 'b', 'c', '→ rest'])
  })
})

describe('untilWindowCloses', () => {
  it('says that it needs windows, and such as are closed', () => {
    const grouped = () => createStreamsBuilder(noTransport).stream<string>('in').groupByKey()
    expect(() =>
      grouped()
        .count()
        .untilWindowCloses({} as never),
    ).toThrow(/nothing is known of the windows/)
    expect(() => grouped().window(unlimitedWindow()).count().mapValues(String).untilWindowCloses()).toThrow(
      /never closed/,
    )
    const counts = grouped().window(tumblingWindow(10)).count()
    expect(() => counts.suppress({ timeLimit: 1 }).untilWindowCloses()).toThrow(/before suppress/)
  })

  it('waits for the later of two windows where such tables are joined', () => {
    const s = createStreamsBuilder(noTransport)
    const counts = (topic: string, grace: number) => {
      const window = tumblingWindow(10, { grace })
      return s.stream<string>(topic).groupByKey().window(window).count().mapValues(String)
    }
    counts('one', 0)
      .leftJoin(counts('other', 5), (one, other) => `${one} and ${other ?? 'none'}`)
      .untilWindowCloses()
      .toStream()
      .map((value, { start }) => keyValue(String(start), value))
      .to('out')
    const driver = new TopologyTestDriver(s)
    const of = (topic: string, timestamp: number): unknown[] => {
      driver.pipe(topic, { key: 'k', value: 'v', timestamp })
      return driver.read('out').map(({ key, value }) => [key, value])
    }
    expect([of('one', 1), of('one', 12), of('other', 14), of('other', 2)]).toEqual([[], [], [], []])
    expect(of('one', 15)).toEqual([['0', '1 and 1']])
  })
})
