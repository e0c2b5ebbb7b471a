import { defineTopic, type Serde } from '@kafkado/core'
import {
  hoppingWindow,
  keyValue,
  sessionWindow,
  slidingWindow,
  type Startable,
  type StreamsBuilder,
  tumblingWindow,
} from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

class Amount {
  cents: number
  readonly parts = new Map<string, number>()
  constructor(cents: number) {
    this.cents = cents
    this.parts.set('all', cents)
  }
}

/** Writes only numbers, and reads values that JSON cannot represent. */
const amounts: Serde<Amount> = {
  serialize: ({ cents, parts }) => encoder.encode(`${cents}/${parts.get('all')}`),
  deserialize: (bytes) => new Amount(Number(decoder.decode(bytes).split('/')[1])),
}

/** Reads a Date, and an undefined property. */
const dates: Serde<{ at: Date; none: undefined }> = {
  serialize: ({ at }) => encoder.encode(`${at.getTime()}`),
  deserialize: (bytes) => ({ at: new Date(Number(decoder.decode(bytes))), none: undefined }),
}

interface Kind {
  readonly name: string
  readonly serde: 'json' | 'bytes' | Serde<never>
  readonly of: (number: number) => unknown
}

const kinds: readonly Kind[] = [
  { name: 'plain', serde: 'json', of: (id) => ({ id, tags: ['a'], address: { lines: [{ text: `line ${id}` }] } }) },
  { name: 'arrays', serde: 'json', of: (id) => [id, [id, { id }]] },
  { name: 'with a Date in them', serde: dates as Serde<never>, of: (id) => ({ at: new Date(id), none: undefined }) },
  { name: 'bytes', serde: 'bytes', of: (id) => Uint8Array.of(id, 2, 3) },
  { name: 'of a class', serde: amounts as Serde<never>, of: (id) => new Amount(id) },
]

/** Writes into every object it gets. */
function scribble(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(255)
  else if (value instanceof Date) value.setTime(0)
  else if (value instanceof Amount) {
    value.cents = -1
    value.parts.set('all', -1)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) {
      scribble(one)
      if (typeof one !== 'object') (value as Record<string, unknown>)[name] = 'scribbled'
    }
    if (Array.isArray(value)) value.push('scribbled')
    else (value as Record<string, unknown>)['scribbled'] = true
  }
}

type Touch = (...values: unknown[]) => void
type Build = (s: StreamsBuilder, kind: Kind, touch: Touch) => Startable

/** Operators that keep rows. Everything forwarded is touched, and goes nowhere else. */
const operators: Readonly<Record<string, Build>> = {
  table: (s, { serde }, touch) => s.table(topic('left', serde)).forEach((_key, value) => touch(value)),
  toTable: (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .toTable({ value: serde })
      .forEach((_key, value) => touch(value)),
  reduce: (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .groupByKey({ value: serde })
      .reduce((_one, other) => other)
      .forEach((_key, value) => touch(value)),
  'the values that an aggregate is made of': (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .groupByKey({ value: serde })
      .aggregate(
        () => null as unknown,
        (before, value) => {
          touch(before)
          return value
        },
        { value: serde },
      )
      .forEach((_key, value) => touch(value)),
  'a table grouped anew, told what was before': (s, { serde }, touch) =>
    s
      .table(topic('left', serde))
      .groupBy(
        (value, key) => {
          touch(value)
          return key
        },
        { value: serde },
      )
      .count()
      .forEach(touch),
  'tumbling windows': (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .groupByKey({ value: serde })
      .window(tumblingWindow(10))
      .reduce((one, other) => {
        touch(one)
        return other
      })
      .forEach((_key, window) => touch(window.value, window)),
  'hopping windows, final': (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .groupByKey({ value: serde })
      .window(hoppingWindow(10, 5, { emit: 'final', retention: 1000 }))
      .reduce((one, other) => {
        touch(one)
        return other
      })
      .forEach((_key, window) => touch(window.value)),
  'sliding windows': (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .groupByKey({ value: serde })
      .window(slidingWindow(5, { emit: 'final', retention: 1000 }))
      .reduce((one, other) => {
        touch(one)
        return other
      })
      .forEach((_key, window) => touch(window.value)),
  sessions: (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .groupByKey({ value: serde })
      .window(sessionWindow(3))
      .reduce((one, other) => {
        touch(one)
        return other
      })
      .toStream()
      .peek((value) => touch(value))
      .forEach(() => undefined),
  'suppressed changes': (s, { serde }, touch) =>
    s
      .table(topic('left', serde))
      .suppress({ timeLimit: 5 })
      .forEach((_key, value) => touch(value)),
  'a join of streams': (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .outerJoin(s.stream(topic('right', serde)), { window: 5 })
      .forEach(touch),
  'a join with a table': (s, { serde }, touch) =>
    s
      .stream(topic('right', serde))
      .join(s.table(topic('left', serde)))
      .forEach(touch),
  'a join with a table, by what matches': (s, { serde }, touch) =>
    s
      .stream(topic('right', serde))
      .selectKey(() => 'k')
      .join(s.table(topic('left', serde)))
      .forEach(touch),
  'a join with a table that is derived': (s, { serde }, touch) =>
    s
      .stream(topic('right', serde))
      .join(
        s
          .table(topic('left', serde))
          .filter((value) => {
            touch(value)
            return true
          })
          .mapValues((value) => {
            touch(value)
            return { value: 1 }
          }),
      )
      .forEach(touch),
  'a join with a global table': (s, { serde }, touch) =>
    s
      .stream(topic('right', serde))
      .join(s.globalTable(topic('left', serde)), { key: () => 'k' })
      .forEach(touch),
  'a join of tables': (s, { serde }, touch) =>
    s
      .table(topic('left', serde))
      .outerJoin(s.table(topic('right', serde)), (one, other) => {
        touch(one, other)
        return 1
      })
      .forEach(touch),
  'a join by foreign key': (s, { serde }, touch) => {
    const key = (): string => 'k'
    return s
      .table(topic('left', serde))
      .leftJoin(s.table(topic('right', serde)), { on: { left: key, right: key } }, (one, other) => {
        touch(one, other)
        return 1
      })
      .forEach(touch)
  },
  'stores of a processor': (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .process<string, unknown>(
        (context) => {
          const store = context.store('own')
          return (value, key) => {
            touch(store.get(key as string))
            for (const [, one] of store.entries()) touch(one)
            store.put(key as string, value)
            context.forward(key as string, value)
          }
        },
        { stores: { own: { value: serde } } },
      )
      .forEach((value) => touch(value)),
  'keys that are objects': (s, { serde }, touch) =>
    s
      .stream(topic('left', serde))
      .map((value, key) => keyValue({ key, nested: { list: [1] } }, value))
      .groupByKey({ value: serde })
      .reduce((_one, other) => other)
      .forEach((key, value) => touch(key, value)),
}

function topic(name: string, value: Kind['serde']) {
  return defineTopic(name, { key: 'string', value } as { key: 'string'; value: 'json' })
}

/** The content of stores and changelogs after each record, and after a restart. */
function run(build: Build, kind: Kind, touch: Touch): unknown {
  let names: string[] = []
  const driver = new TopologyTestDriver((s) => {
    const built = build(s, kind, touch)
    const { subtopologies, globals } = built.topology()
    names = [...subtopologies.flatMap((part) => part.stores), ...globals.map(({ store }) => store)].map(
      ({ name }) => name,
    )
    return built
  })
  const stores = (): unknown => names.map((name) => [name, [...driver.store(name)]])
  const seen: unknown[] = []
  const text = (content: string | Uint8Array | null): unknown =>
    content instanceof Uint8Array ? Buffer.from(content).toString('latin1') : content
  const inputs = [
    ['left', 1, 1],
    ['right', 2, 2],
    ['left', 3, 4],
    ['right', 4, 12],
    ['left', 5, 30],
    ['left', 6, 31],
  ] as const
  for (const [name, number, timestamp] of inputs) {
    try {
      driver.pipe(topic(name, kind.serde), { value: kind.of(number) }, { key: 'k', timestamp })
    } catch (error) {
      // Some operators read one topic alone.
      if (!String(error).includes('nothing reads topic')) throw error
    }
    const changes = driver
      .commit()
      .flatMap((one) => one.changes.map(({ key, value, timestamp: at }) => [one.store, text(key), text(value), at]))
    seen.push(changes, stores())
    driver.restart()
    seen.push(stores())
  }
  return seen
}

describe.each(kinds)('rows with values that are $name', (kind) => {
  it.each(Object.entries(operators))('stay what was put, whoever writes into what he is given: %s', (_name, build) => {
    expect(run(build, kind, (...values) => values.forEach(scribble))).toEqual(run(build, kind, () => undefined))
  })
})

describe('an aggregator that writes into its accumulator', () => {
  interface Order {
    id: string
    state: string
  }
  const build = (s: StreamsBuilder, isPure: boolean): Startable =>
    s
      .stream<Order>('orders')
      .groupByKey()
      .aggregate(
        () => ({ state: 'none', all: [] as string[] }),
        (row, { state }) => {
          if (isPure) return { state, all: [...row.all, state] }
          row.state = state
          row.all.push(state)
          return row
        },
        { name: 'orders' },
      )
      .groupBy((row) => row.state, { name: 'state' })
      .count({ name: 'states' })
      .to('out')

  it('counts one order once', () => {
    const outcome = [true, false].map((isPure) => {
      const driver = new TopologyTestDriver((s) => build(s, isPure))
      for (const [timestamp, state] of ['new', 'paid', 'sent'].entries())
        driver.pipe('orders', { id: 'o', state }, { key: 'o', timestamp })
      return { out: driver.read('out'), counts: driver.store('states'), rows: driver.store('orders') }
    })
    expect(outcome[1]).toEqual(outcome[0])
    expect(outcome[1]?.counts).toEqual(new Map(Object.entries({ new: 0, paid: 0, sent: 1 })))
  })

  it('leaves the row as it was when it throws', () => {
    const driver = new TopologyTestDriver(
      (s) =>
        s
          .stream<number>('in')
          .groupByKey()
          .aggregate(
            () => ({ all: [] as number[] }),
            (row, value) => {
              row.all.push(value)
              if (value < 0) throw new Error('no')
              return row
            },
            { name: 'rows' },
          )
          .to('out'),
      { onError: 'skip' },
    )
    for (const [timestamp, value] of [1, -2, 3].entries()) driver.pipe('in', value, { key: 'k', timestamp })
    expect(driver.store('rows')).toEqual(new Map([['k', { all: [1, 3] }]]))
  })
})
