import {
  createStreamsBuilder,
  sessionWindow,
  slidingWindow,
  type StreamsBuilder,
  type Table,
  tumblingWindow,
  hoppingWindow,
} from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

/** Removes a group without rows, because a row that was never forwarded has no group. */
const listed = (table: Table<string, number>): Table<string, number[]> =>
  table
    .groupBy((value) => `group ${Math.abs(value) % 3}`)
    .aggregate(
      () => [] as number[],
      (list, value) => [...list, value].sort((left, right) => left - right),
      (list, value) => (list.length === 1 ? null : list.toSpliced(list.indexOf(value), 1)) as number[],
    )

/** Every operator that holds updates back, and every operator that reads held-back rows. */
const topologies: Readonly<Record<string, (s: StreamsBuilder) => unknown>> = {
  count: (s) => s.stream<number>('left').groupByKey().count({ name: 'kept' }).to('out'),
  'a reduce that removes': (s) =>
    s
      .stream<number>('left')
      .groupByKey()
      .reduce(0, (one, other) => (other % 4 === 0 ? null : one + other), { name: 'kept' })
      .to('out'),
  'two aggregations, one of the other': (s) =>
    listed(
      s
        .stream<number>('left')
        .groupByKey()
        .reduce(0, (_one, other) => other, { name: 'kept' }),
    ).to('out'),
  'a table': (s) => s.table<number>('left', { name: 'kept' }).to('out'),
  'a table grouped anew': (s) => listed(s.table<number>('left', { name: 'kept' })).to('out'),
  'a table and its filter': (s) =>
    listed(s.table<number>('left', { name: 'kept' }).filter((value) => value % 2 === 0)).to('out'),
  'toTable, mapped': (s) =>
    s
      .stream<number>('left')
      .toTable({ name: 'kept' })
      .mapValues((value) => value * 2)
      .to('out'),
  tumbling: (s) => s.stream<number>('left').groupByKey().window(tumblingWindow(10)).count({ name: 'kept' }).to('out'),
  hopping: (s) =>
    s
      .stream<number>('left')
      .groupByKey()
      .window(hoppingWindow(10, 4, { grace: 20 }))
      .count({ name: 'kept' })
      .to('out'),
  sliding: (s) =>
    s
      .stream<number>('left')
      .groupByKey()
      .window(slidingWindow(6, { grace: 20 }))
      .count({ name: 'kept' })
      .to('out'),
  sessions: (s) =>
    s
      .stream<number>('left')
      .groupByKey()
      .window(sessionWindow(5, { grace: 20 }))
      .count({ name: 'kept' })
      .to('out'),
  'windows, told when they close': (s) =>
    s
      .stream<number>('left')
      .groupByKey()
      .window(tumblingWindow(10, { grace: 5 }))
      .count({ name: 'kept' })
      .untilWindowCloses()
      .to('out'),
  'an inner join of tables, grouped': (s) =>
    listed(
      s
        .table<number>('left', { name: 'kept' })
        .join(s.table<number>('right', { name: 'other' }), (left, right) => left * 10 + right),
    ).to('out'),
  'a left join of aggregates, grouped': (s) =>
    listed(
      s
        .stream<number>('left')
        .groupByKey()
        .count({ name: 'kept' })
        .leftJoin(s.stream<number>('right').groupByKey().count(), (left, right) => left * 10 + (right ?? 0)),
    ).to('out'),
  'an outer join of a join': (s) => {
    const joined = s
      .table<number>('left', { name: 'kept' })
      .outerJoin(s.table<number>('right', { name: 'other' }), (left, right) => (left ?? -1) * 10 + (right ?? -1))
    const counts = s.stream<number>('right').groupByKey().count()
    return listed(joined.outerJoin(counts, (left, right) => (left ?? -100) * 10 + (right ?? -1))).to('out')
  },
  'a join by a foreign key, grouped': (s) =>
    listed(
      s
        .table<number>('left', { name: 'kept' })
        .leftJoin(
          s.table<number>('right', { name: 'other' }),
          { on: { left: (value: number) => `key ${Math.abs(value) % 3}`, right: () => null } },
          (left, right) => left * 10 + (right ?? 0),
        ),
    ).to('out'),
  'a stream that looks rows up': (s) =>
    s
      .stream<number>('right')
      .leftJoin(s.table<number>('left', { name: 'kept' }))
      .to('out'),
}

const inputs = fc.array(
  fc.record({
    topic: fc.constantFrom('left', 'right'),
    key: fc.constantFrom('key 0', 'key 1', 'key 2'),
    value: fc.option(fc.integer({ min: -9, max: 9 }), { freq: 6 }),
    laterMs: fc.integer({ min: -3, max: 8 }),
    isCommitted: fc.boolean(),
  }),
  { maxLength: 40 },
)
type Input = typeof inputs extends fc.Arbitrary<infer I> ? I : never

function isOfTwo(build: (s: StreamsBuilder) => unknown): boolean {
  const s = createStreamsBuilder(noTransport)
  build(s)
  return s.topology().nodes.some((node) => node.kind === 'source' && node.topic.name === 'right')
}

/** The last result of each key that has one, and the number of results. */
function outcomeOf(build: (s: StreamsBuilder) => unknown, given: Input, cache: number): Record<string, unknown> {
  const driver = new TopologyTestDriver(build, { cache })
  const isTwo = isOfTwo(build)
  let now = 100
  for (const { topic, key, value, laterMs, isCommitted } of given) {
    now = Math.max(0, now + laterMs)
    driver.pipe(isTwo ? topic : 'left', { key, value, timestamp: now })
    if (isCommitted) driver.commit()
  }
  driver.commit()
  const results = driver.read('out')
  const last = new Map<string, unknown>()
  for (const { key, value } of results) last.set(JSON.stringify(key), value)
  for (const [key, value] of last) if (value === null) last.delete(key)
  return {
    kept: driver.store('kept'),
    last,
    dropped: driver.dropped(),
    results: results.length,
  }
}

describe.each(Object.entries(topologies))('with a cache, %s', (_name, build) => {
  it('comes to the same in the end as without, in no more results', () => {
    fc.assert(
      fc.property(inputs, fc.constantFrom(1, 300, 1000, 1_000_000), (given, cache) => {
        const { results: most, ...expected } = outcomeOf(build, given, 0)
        const { results, ...found } = outcomeOf(build, given, cache)
        expect(found).toEqual(expected)
        // Of two tables, the one that changed last may forward first, so that a row appears and disappears that never
        // existed.
        if (!isOfTwo(build)) expect(results).toBeLessThanOrEqual(most as number)
      }),
      { numRuns: 150 },
    )
  })
})

describe('a cache', () => {
  /** The results of a count, including subtractions after a regrouping. */
  const changes = (s: StreamsBuilder, options: object = {}): unknown =>
    s
      .stream<number>('in')
      .groupByKey()
      .count({ name: 'counts', ...options })
      .groupBy(() => 'all')
      .aggregate(
        '',
        (text, value) => `${text} +${value}`,
        (text, value) => `${text} -${value}`,
        { cache: false },
      )
      .to('out')
  const outOf = (driver: TopologyTestDriver, topic = 'out') =>
    driver.read(topic).map(({ key, value, timestamp }) => [key, value, timestamp])

  it('tells the last of several updates, with what was told before, at its time', () => {
    const driver = new TopologyTestDriver(changes, { cache: 100_000 })
    for (const timestamp of [1, 5, 3]) driver.pipe('in', 1, { key: 'a', timestamp })
    expect(outOf(driver)).toEqual([])
    expect([...driver.store('counts')]).toEqual([['a', 3]])
    driver.commit()
    driver.pipe('in', 1, { key: 'a', timestamp: 4 })
    driver.pipe('in', 1, { key: 'a', timestamp: 7 })
    driver.commit()
    driver.commit()
    expect(outOf(driver)).toEqual([
      ['all', ' +3', 5],
      ['all', ' +3 -3 +5', 7],
    ])
  })

  it('tells rows in the order of their last updates, with the headers of the record that caused them', () => {
    const driver = new TopologyTestDriver((s) => s.stream<number>('in').groupByKey().count().to('out'), { cache: 1e5 })
    for (const [index, key] of ['a', 'b', 'c', 'a'].entries())
      driver.pipe('in', 1, { key, timestamp: index, headers: { from: String(index) } })
    driver.commit()
    expect(driver.read('out').map(({ key, value, headers }) => [key, value, headers])).toEqual([
      ['b', 1, { from: '1' }],
      ['c', 1, { from: '2' }],
      ['a', 2, { from: '3' }],
    ])
  })

  it('says nothing of a row that has come and gone in between', () => {
    const driver = new TopologyTestDriver((s) => s.table<number>('in', { name: 'rows' }).to('out'), { cache: 1e5 })
    driver.pipe('in', 1, { key: 'a' })
    driver.pipe('in', null, { key: 'a' })
    driver.pipe('in', 1, { key: 'b' })
    driver.commit()
    driver.pipe('in', null, { key: 'b' })
    driver.commit()
    expect(outOf(driver)).toEqual([
      ['b', 1, 0],
      ['b', null, 0],
    ])
  })

  it('says nothing of sessions that have become one', () => {
    const driver = new TopologyTestDriver(
      (s) => s.stream<number>('in').groupByKey().window(sessionWindow(5)).count().to('out'),
      { cache: 100_000 },
    )
    for (const timestamp of [0, 4, 8]) driver.pipe('in', 1, { key: 'a', timestamp })
    driver.commit()
    driver.pipe('in', 1, { key: 'a', timestamp: 10 })
    driver.commit()
    expect(outOf(driver)).toEqual([
      [{ key: 'a', start: 0, end: 8 }, 3, 8],
      [{ key: 'a', start: 0, end: 8 }, null, 8],
      [{ key: 'a', start: 0, end: 10 }, 4, 10],
    ])
  })

  it('tells the rows of a store early when it is over its bytes', () => {
    const driver = new TopologyTestDriver((s) => s.stream<number>('in').groupByKey().count().to('out'), { cache: 200 })
    for (const key of ['a', 'b', 'a']) driver.pipe('in', 1, { key })
    expect(outOf(driver)).toEqual([])
    driver.pipe('in', 1, { key: 'c' })
    expect(outOf(driver).map(([key, value]) => [key, value])).toEqual([
      ['b', 1],
      ['a', 2],
      ['c', 1],
    ])
    driver.commit()
    expect(outOf(driver)).toEqual([])
  })

  it.each<[string, (s: StreamsBuilder) => unknown]>([
    ['cache: false', (s) => s.stream<number>('in').groupByKey().count({ cache: false }).to('out')],
    ['cache: false of a table', (s) => s.table<number>('in', { name: 'rows', cache: false }).to('out')],
    ['a table that Kafka Streams would not keep', (s) => s.table<number>('in').to('out')],
    [
      "emit: 'final'",
      (s) =>
        s
          .stream<number>('in')
          .groupByKey()
          .window(tumblingWindow(1, { emit: 'final' }))
          .count()
          .to('out'),
    ],
  ])('holds nothing back with %s', (_name, build) => {
    const driver = new TopologyTestDriver(build, { cache: 100_000 })
    for (const timestamp of [1, 2]) driver.pipe('in', 1, { key: 'a', timestamp })
    expect(outOf(driver)).not.toEqual([])
  })

  it('holds back what a function writes into afterwards as it was', () => {
    const seen: unknown[] = []
    const driver = new TopologyTestDriver(
      (s) =>
        s
          .stream<{ list: number[] }>('in')
          .groupByKey()
          .aggregate(
            () => ({ list: [] as number[] }),
            (total, { list }) => {
              total.list.push(...list)
              return total
            },
          )
          .toStream()
          .forEach((value) => {
            seen.push(structuredClone(value))
            value.list.push(-1)
          }),
      { cache: 100_000 },
    )
    driver.pipe('in', { list: [1] }, { key: 'a' })
    driver.pipe('in', { list: [2] }, { key: 'a' })
    driver.commit()
    driver.pipe('in', { list: [3] }, { key: 'a' })
    driver.commit()
    expect(seen).toEqual([{ list: [1, 2] }, { list: [1, 2, 3] }])
  })
})
