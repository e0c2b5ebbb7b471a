import { setImmediate as turn } from 'node:timers/promises'
import { type StreamsBuilder, type Table, tumblingWindow, type Windowed } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'

type Options = { name?: string }
type Derived = (s: StreamsBuilder, options: Options) => Table<string, number>

const left = (s: StreamsBuilder): Table<string, number> => s.table<number>('left')
const right = (s: StreamsBuilder): Table<string, number> => s.table<number>('right')

const derived: Readonly<Record<string, Derived>> = {
  filter: (s, options) => left(s).filter((value) => value % 2 === 0, options),
  filterNot: (s, options) => left(s).filterNot((value) => value % 2 === 0, options),
  mapValues: (s, options) => left(s).mapValues((value) => value * 2, options),
  'a filter of a mapping': (s, options) =>
    left(s)
      .mapValues((value) => value + 1)
      .filter((value) => value % 2 === 0, options),
  join: (s, options) => left(s).join(right(s), (one, other) => one * 100 + other, options),
  leftJoin: (s, options) => left(s).leftJoin(right(s), (one, other) => one * 100 + (other ?? 0), options),
  outerJoin: (s, options) => left(s).outerJoin(right(s), (one, other) => (one ?? 0) * 100 + (other ?? 0), options),
  'a join by a foreign key': (s, options) =>
    left(s).leftJoin(
      right(s),
      { on: { left: (value: number) => `key ${Math.abs(value) % 3}`, right: () => null }, ...options },
      (one, other) => one * 100 + (other ?? 0),
    ),
}

const inputs = fc.array(
  fc.record({
    topic: fc.constantFrom('left', 'right'),
    key: fc.constantFrom('key 0', 'key 1', 'key 2'),
    value: fc.option(fc.integer({ min: 0, max: 9 }), { freq: 4 }),
  }),
  { maxLength: 30 },
)
type Input = typeof inputs extends fc.Arbitrary<infer I> ? I : never

function run(build: (s: StreamsBuilder) => unknown, given: Input, isRestarted = false): TopologyTestDriver {
  const driver = new TopologyTestDriver(build)
  for (const { topic, key, value } of given) {
    try {
      driver.pipe(topic, value, { key })
    } catch {
      // Nothing reads the other topic.
      continue
    }
    if (isRestarted) driver.restart()
  }
  return driver
}

/** The rows, by the last result of each key. */
function rowsOf(driver: TopologyTestDriver): Map<unknown, unknown> {
  const rows = new Map<unknown, unknown>()
  for (const { key, value } of driver.read('out'))
    if (value === null) rows.delete(key)
    else rows.set(key, value)
  return rows
}

describe.each(Object.entries(derived))('a table that is made of others and has a name: %s', (_name, make) => {
  it('holds what was told of it, and tells the same as without a name', () => {
    fc.assert(
      fc.property(inputs, fc.boolean(), (given, isRestarted) => {
        const named = run((s) => make(s, { name: 'kept' }).to('out'), given, isRestarted)
        const plain = run((s) => make(s, {}).to('out'), given)
        const kept = named.store('kept')
        expect(rowsOf(named)).toEqual(kept)
        expect(rowsOf(plain)).toEqual(kept)
      }),
      { numRuns: 60 },
    )
  })

  it('is the same for what is made of it', () => {
    const grouped = (s: StreamsBuilder, options: Options): unknown =>
      make(s, options)
        .filter((value) => value > 3)
        .groupBy((value) => `group ${value % 2}`)
        .aggregate(
          () => [] as number[],
          (list, value) => [...list, value].sort((one, other) => one - other),
          (list, value) => list.toSpliced(list.indexOf(value), 1),
        )
        .to('out')
    fc.assert(
      fc.property(inputs, (given) => {
        const named = run((s) => grouped(s, { name: 'kept' }), given)
        const plain = run((s) => grouped(s, {}), given)
        expect(rowsOf(named)).toEqual(rowsOf(plain))
      }),
      { numRuns: 60 },
    )
  })

  it('says its name, and that of its store', () => {
    let table: Table<string, number> | undefined
    new TopologyTestDriver((s) => (table = make(s, { name: 'kept' })).to('out'))
    expect(table?.storeName).toBe('kept')
  })
})

describe('a filter that has a name', () => {
  it('tells of a row that is not in its result what one without tells', () => {
    const chains: ((s: StreamsBuilder, options: Options) => Table<string, number>)[] = [
      (s, options) => left(s).filter((value) => value > 5, options),
      (s, options) => s.table<number>('left', { name: 'rows' }).filter((value) => value > 5, options),
      (s, options) =>
        left(s)
          .filter((value) => value > 2, options)
          .filter((value) => value > 5),
    ]
    for (const chain of chains) {
      const given = [1, 7, 3, null, 1].map((value) => ({ topic: 'left', key: 'key 0', value }) as const)
      const said = (options: Options) => run((s) => chain(s, options).to('out'), given).read('out')
      // Behind a table that keeps its rows, former rows are always known.
      if (chain !== chains[2]) expect(said({ name: 'kept' })).toEqual(said({}))
      else expect(said({ name: 'kept' }).map(({ value }) => value)).toEqual([7, null])
    }
  })
})

describe.each(Object.entries(places))('tables that are made of others, %s', (_, place) => {
  it('answer queries by their names, also of windows, and go on after a restart', async () => {
    const { kafka, close } = await place()
    for (const topic of ['left', 'right']) await kafka.admin.createTopic(topic, { partitions: 3 })
    const start = async () => {
      const s = kafka.streams({ application: 'derived', commitInterval: 20 })
      const table = s.table<number>('left')
      table.filter((value) => value % 2 === 0, { name: 'even' })
      table.mapValues((value) => `=${value}`, { name: 'texts' })
      table.join(s.table<number>('right'), (one, other) => one + other, { name: 'both' })
      s.stream<number>('left')
        .groupByKey()
        .window(tumblingWindow('1h'))
        .count()
        .filter((count) => count > 0, { name: 'windows' })
      return s.start()
    }
    const app = await start()
    const keys = Array.from({ length: 12 }, (__, index) => `key ${index}`)
    for (const [index, key] of keys.entries()) {
      await kafka.produce('left', index, { key, timestamp: 1000 })
      await kafka.produce('right', 1000, { key, timestamp: 1000 })
    }
    const both = async (from = app) => new Map(await from.query<number>('both').entries())
    while ((await both()).size < 12) await turn()
    expect(await app.query('even').get('key 4')).toBe(4)
    expect(await app.query('even').get('key 5')).toBeUndefined()
    expect(await app.query('texts').get('key 5')).toBe('=5')
    const windows = app.query<number, Windowed<string>>('windows')
    for (const key of keys) expect(await windows.get({ key, start: 0, end: 3_600_000 })).toBe(1)
    const before = await both()
    await app.close()
    const again = await start()
    while ((await again.tasks()).some(({ state }) => state === 'restoring')) await turn()
    expect(await both(again)).toEqual(before)
    await again.close()
    await close()
  })
})
