import { createStreamsBuilder, type StreamsBuilder, type Table, tumblingWindow } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

type Rows = Table<string, string>

/** Tables whose own operator keeps no rows that another could look up. */
const tables: Readonly<Record<string, (s: StreamsBuilder) => Rows>> = {
  'a join by foreign key': (s) =>
    s
      .table<string>('in')
      .leftJoin(s.table<string>('other'), { on: { left: (value) => value, right: () => null } }, (value) => value),
  'suppressed changes': (s) => s.table<string>('in').suppress({ timeLimit: 0 }),
  windows: (s) =>
    s
      .stream<string>('in')
      .groupByKey()
      .window(tumblingWindow(1000))
      .reduce((_one, other) => other) as unknown as Rows,
}

/** Operators that need the rows of a table, or the former ones. */
const uses: readonly ((table: Rows, s: StreamsBuilder, index: number) => unknown)[] = [
  (table, _s, index) =>
    table
      .groupBy((value) => value)
      .count()
      .to(`out-${index}`),
  (table, s, index) => s.stream<string>('in').join(table).to(`out-${index}`),
  (table, s, index) => table.join(s.table('third')).to(`out-${index}`),
  (table, _s, index) =>
    table
      .groupBy((_value, key) => `${key.length}`)
      .count()
      .to(`out-${index}`),
]

describe.each(Object.entries(tables))('the rows of %s', (_name, build) => {
  const storesOf = (chosen: typeof uses): string[] => {
    const s = createStreamsBuilder(noTransport)
    const table = build(s)
    chosen.forEach((use, index) => use(table, s, index))
    return s.topology().subtopologies.flatMap(({ stores }) => stores.map(({ name }) => name))
  }

  it('are kept once, however many need them', () => {
    const isOfRows = (name: string): boolean => name.includes('-rows')
    expect(storesOf([]).filter(isOfRows)).toEqual([])
    for (const use of uses) expect(storesOf([use]).filter(isOfRows)).toHaveLength(1)
    expect(storesOf([...uses, ...uses]).filter(isOfRows)).toHaveLength(1)
  })
})

it('rows that are kept once serve all who need them', () => {
  const driver = new TopologyTestDriver((s) => {
    const table = (tables['a join by foreign key'] as (s: StreamsBuilder) => Rows)(s)
    for (const index of [0, 1])
      table
        .groupBy((value) => value)
        .count()
        .mapValues((count) => count)
        .to(`out-${index}`)
  })
  for (const [timestamp, value] of ['a', 'b', 'a'].entries()) driver.pipe('in', value, { key: 'k', timestamp })
  const [one, other] = [0, 1].map((index) => driver.read(`out-${index}`).map(({ key, value }) => [key, value]))
  expect(one).toEqual([
    ['a', 1],
    ['a', 0],
    ['b', 1],
    ['b', 0],
    ['a', 1],
  ])
  expect(other).toEqual(one)
})
