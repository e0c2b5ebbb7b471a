import {
  hoppingWindow,
  keyValue,
  slidingWindow,
  type Startable,
  type StreamsBuilder,
  type Table,
  tumblingWindow,
} from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'

interface Row {
  n?: number
  on?: string
  all?: number[]
}
/** Combines two rows into one. */
type Both = (left: Row | null, right: Row | null) => Row
type Build = (s: StreamsBuilder, both: Both) => Startable

const pure: Both = (left, right) => ({ ...left, ...right, all: [...(left?.all ?? []), right?.n ?? -1] })
/** The same, by writing into one of the given rows. */
const written: Both = (left, right) => {
  const all = [...(left?.all ?? []), right?.n ?? -1]
  return Object.assign(left ?? right ?? {}, right, { all })
}

const kinds = ['join', 'leftJoin', 'outerJoin'] as const

function tablesJoined(
  kind: (typeof kinds)[number],
  left: Table<string, Row>,
  right: Table<string, Row>,
  both: Both,
  name?: string,
): Table<string, Row> {
  const options = name === undefined ? {} : { name }
  if (kind === 'join') return left.join(right, both, options)
  return kind === 'leftJoin' ? left.leftJoin(right, both, options) : left.outerJoin(right, both, options)
}

const topologies: Readonly<Record<string, Build>> = {
  ...Object.fromEntries(
    kinds.flatMap((kind) => {
      const joined = (s: StreamsBuilder, both: Both, name?: string): Table<string, Row> =>
        tablesJoined(kind, s.table('left'), s.table('right'), both, name)
      return Object.entries<Build>({
        [`${kind} of tables`]: (s, both) => joined(s, both).to('out'),
        [`${kind} of tables, kept`]: (s, both) => joined(s, both, 'joined').to('out'),
        [`${kind} of tables, filtered`]: (s, both) =>
          joined(s, both)
            .filter(({ n }) => n !== 2)
            .to('out'),
        [`${kind} of tables, grouped anew`]: (s, both) =>
          joined(s, both)
            .groupBy(({ n }) => String(n))
            .count()
            .to('out'),
        [`${kind} of tables that are made of others`]: (s, both) => {
          const [left, right] = ['left', 'right'].map((topic) => s.table<Row>(topic).mapValues((row): Row => row))
          return tablesJoined(kind, left as Table<string, Row>, right as Table<string, Row>, both).to('out')
        },
        [`${kind} of a join`]: (s, both) => tablesJoined(kind, joined(s, both), s.table('third'), both).to('out'),
      })
    }),
  ),
  'join by foreign key': (s, both) =>
    s
      .table<Row>('left')
      .join(s.table<Row>('right'), { on: { left: ({ on }) => on ?? null, right: () => null } }, both)
      .to('out'),
  'leftJoin by foreign key': (s, both) =>
    s
      .table<Row>('left')
      .leftJoin(s.table<Row>('right'), { on: { left: ({ on }) => on ?? null, right: () => null } }, both)
      .to('out'),
  'leftJoin of a stream and a table': (s, both) =>
    s.stream<Row>('left').leftJoin(s.table<Row>('right')).mapValues(both).to('out'),
  'leftJoin of a stream and a global table': (s, both) =>
    s
      .stream<Row>('left')
      .leftJoin(s.globalTable<Row>('right'), { key: (_value, key) => key })
      .mapValues(both)
      .to('out'),
  aggregate: (s, both) =>
    s
      .stream<Row>('left')
      .groupByKey()
      .aggregate((): Row => ({}), both)
      .to('out'),
  reduce: (s, both) => s.stream<Row>('left').groupByKey().reduce(both).to('out'),
  ...Object.fromEntries(
    [tumblingWindow(3), hoppingWindow(4, 2), slidingWindow(3)].map((window, index) => [
      `aggregate by windows, ${index}`,
      (s, both) =>
        s
          .stream<Row>('left')
          .groupByKey()
          .window(window)
          .aggregate((): Row => ({}), both)
          .toStream()
          .map((row, { key, start }) => keyValue(`${key} ${start}`, row))
          .to('out'),
    ]),
  ),
}

const records = [
  ['left', { n: 1, on: 'a' }],
  ['right', { n: 1 }],
  ['right', { n: 2 }],
  ['third', { n: 5 }],
  ['left', { n: 3, on: 'a' }],
  ['right', { n: 3 }],
  ['third', { n: 6 }],
  ['right', null],
  ['left', { n: 4, on: 'a' }],
  ['left', null],
  ['right', { n: 4 }],
  ['left', { n: 5, on: 'a' }],
] as const

function resultsOf(build: Build, both: Both): unknown {
  const driver = new TopologyTestDriver((s) => {
    // Some read one table, some three.
    for (const topic of new Set(records.map(([name]) => name))) s.stream<Row>(topic).forEach(() => undefined)
    return build(s, both)
  })
  for (const [timestamp, [topic, value]] of records.entries()) driver.pipe(topic, value, { key: 'a', timestamp })
  return driver.read('out').map(({ key, value, timestamp }) => [key, value, timestamp])
}

describe('a function that writes into a row that it is given, and hands it on', () => {
  it.each(Object.entries(topologies))('has the results of one that makes a new one: %s', (_name, build) => {
    const results = resultsOf(build, pure)
    expect(results).not.toEqual([])
    expect(resultsOf(build, written)).toEqual(results)
  })
})
