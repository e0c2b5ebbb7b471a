import type { KafkaRecord } from '@kafkado/core'
import { createStreamsBuilder, keyValue, type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import { createStores, InternalNames, Task } from '@kafkado/streams/internal'
import { describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'
import { type ClassOfOperators, operatorsOf } from './operator-classes.ts'

interface Order {
  id: string
  customerId: string
}

const order: Order = { id: '1', customerId: 'c' }
const name = 'given'
const named = { name } as const
const builder = (): StreamsBuilder => createStreamsBuilder(noTransport)
const orders = (s: StreamsBuilder) => s.stream<Order>('orders')
const others = (s: StreamsBuilder) => s.stream<Order>('others')
const table = (s: StreamsBuilder) => s.table<Order>('rows')
const groupedTable = (s: StreamsBuilder) =>
  orders(s)
    .toTable()
    .groupBy((order) => keyValue(order.id, order))
const kept = (all: Order): Order => all
const windowed = (s: StreamsBuilder) => orders(s).groupByKey().window(tumblingWindow(10)).count()
const foreign = { on: { left: (order: Order) => order.customerId, right: () => null }, ...named }

// oxlint-disable-next-line typescript/no-explicit-any -- it stands for functions of all kinds
type Fail = () => any

/** Every operator with a name, in a form that may fail. `fail` is called with each record. */
const operators: Readonly<Record<string, (s: StreamsBuilder, fail: Fail) => unknown>> = {
  'builder stream': (s) => s.stream<Order>('orders', named).to('out'),
  'builder stream of several topics': (s) => s.stream<Order>(['orders', 'others'], named).to('out'),
  'builder stream of a pattern': (s) => s.stream<Order>(/^orders/, named).to('out'),
  'stream filter': (s, fail) => orders(s).filter(fail, named).to('out'),
  'stream filterNot': (s, fail) => orders(s).filterNot(fail, named).to('out'),
  'stream map': (s, fail) => orders(s).map(fail, named).to('out'),
  'stream mapValues': (s, fail) => orders(s).mapValues(fail, named).to('out'),
  'stream flatMap': (s, fail) => orders(s).flatMap(fail, named).to('out'),
  'stream flatMapValues': (s, fail) => orders(s).flatMapValues(fail, named).to('out'),
  'stream selectKey': (s, fail) => orders(s).selectKey(fail, named).to('out'),
  'stream peek': (s, fail) => orders(s).peek(fail, named).to('out'),
  'stream forEach': (s, fail) => orders(s).forEach(fail, named),
  'stream print': (s, fail) => orders(s).print({ map: fail, ...named }),
  'stream branch': (s, fail) => orders(s).branch([[fail, 'out']], named),
  'stream split': (s, fail) => orders(s).split({ one: fail }, named).one.to('out'),
  'stream process': (s, fail) => orders(s).process(() => fail, named),
  'stream processValues': (s, fail) => orders(s).processValues(() => fail, named),
  'stream to': (s, fail) => orders(s).to(fail, named),
  'stream to a partition': (s, fail) => orders(s).to('out', { partition: fail, ...named }),
  'stream groupBy': (s, fail) => orders(s).groupBy(fail, named).count().to('out'),
  'grouped count': (s) => orders(s).groupByKey().count(named),
  'grouped reduce': (s, fail) => orders(s).groupByKey().reduce(0, fail, named),
  'grouped aggregate': (s, fail) => orders(s).groupByKey().aggregate(0, fail, named),
  'windowedGrouped reduce': (s, fail) => orders(s).groupByKey().window(tumblingWindow(10)).reduce(0, fail, named),
  'windowedGrouped count': (s) => orders(s).groupByKey().window(tumblingWindow(10)).count(named),
  'windowedGrouped aggregate': (s, fail) => orders(s).groupByKey().window(tumblingWindow(10)).aggregate(0, fail, named),
  'windowed groupBy': (s, fail) => orders(s).window(tumblingWindow(10)).groupBy(fail, named).count(),
  'groupedTable count': (s) => groupedTable(s).count(named),
  'groupedTable reduce': (s) => groupedTable(s).reduce(kept, kept, named),
  'groupedTable aggregate': (s) => groupedTable(s).aggregate(() => order, kept, kept, named),
  'cogrouped windowAggregate': (s, fail) =>
    orders(s).groupByKey().cogroup<number>(fail).windowAggregate(tumblingWindow(10), 0, named),
  'cogrouped aggregate': (s, fail) => orders(s).groupByKey().cogroup<number>(fail).aggregate(0, named),
  'stream join of streams': (s) => orders(s).join(others(s), { window: 10, ...named }),
  'stream outerJoin of streams': (s) => orders(s).outerJoin(others(s), { window: 10, ...named }),
  'stream leftJoin with a table': (s) => orders(s).leftJoin(table(s), named),
  'stream leftJoin with a table after a grace': (s) => orders(s).leftJoin(table(s), { grace: 5, ...named }),
  'stream join with a global table': (s, fail) => orders(s).join(s.globalTable('rows'), { key: fail, ...named }),
  'joined filter': (s, fail) => orders(s).leftJoin(table(s)).filter(fail, named),
  'joined map': (s, fail) => orders(s).leftJoin(table(s)).map(fail, named),
  'joined mapValues': (s, fail) => orders(s).leftJoin(table(s)).mapValues(fail, named),
  'joined peek': (s, fail) => orders(s).leftJoin(table(s)).peek(fail, named),
  'joined print': (s, fail) =>
    orders(s)
      .leftJoin(table(s))
      .print({ map: fail, ...named }),
  'joined to': (s, fail) =>
    orders(s)
      .leftJoin(table(s))
      .to('out', { partition: fail, ...named }),
  'joined toStream': (s) => orders(s).leftJoin(table(s)).toStream(named).to('out'),
  'joined forEach': (s, fail) => orders(s).leftJoin(table(s)).forEach(fail, named),
  'stream toTable': (s) => orders(s).toTable(named),
  'stream mapAsync': (s) => orders(s).mapAsync((order) => Promise.resolve(order.id), named),
  'stream merge': (s) => orders(s).merge(others(s), named),
  'stream through': (s) => orders(s).through('out', named),
  'table filter': (s, fail) => orders(s).toTable().filter(fail, named),
  'table filterNot': (s, fail) => orders(s).toTable().filterNot(fail, named),
  'table mapValues': (s, fail) => orders(s).toTable().mapValues(fail, named),
  'table groupBy': (s, fail) => orders(s).toTable().groupBy(fail, named).count(),
  'table join': (s) => table(s).join(orders(s).toTable(), named),
  'table outerJoin with a joiner': (s) => table(s).outerJoin(orders(s).toTable(), (one, other) => [one, other], named),
  'table leftJoin by a foreign key': (s) => table(s).leftJoin(orders(s).toTable(), foreign),
  'table forEach': (s, fail) => orders(s).toTable().forEach(fail, named),
  'table to': (s, fail) => orders(s).toTable().to(fail, named),
  'table toStream': (s) => table(s).toStream(named),
  'table transformValues': (s) => table(s).transformValues(() => () => 1, named),
  'table suppress': (s) => table(s).suppress({ timeLimit: 5, ...named }),
  'table untilWindowCloses': (s) => windowed(s).untilWindowCloses(named),
  'windowedTable forEach': (s, fail) => windowed(s).forEach(fail, named),
}

/** The operators named in failures of the first record of 'orders'. */
function failingOperators(s: StreamsBuilder): (string | undefined)[] {
  const { subtopologies, globals } = s.topology()
  const failed: (string | undefined)[] = []
  for (const subtopology of subtopologies) {
    const task = new Task({
      subtopology,
      partition: 0,
      names: new InternalNames('test'),
      stores: createStores([...subtopology.stores, ...globals.map(({ store }) => store)]),
      send: (_sink, _key, _value, _timestamp, _record, _isUnchanged, _headers, options) => void options?.partition?.(1),
      onError: () => failed.push(task.operator),
      clock: { now: () => 0, monotonic: () => 0 },
    })
    if (!task.queues.some(({ topic }) => topic === 'orders')) continue
    const record = { topic: 'orders', partition: 0, offset: 0, timestamp: 1, key: 'k', value: order }
    task.add('orders', [record as KafkaRecord<unknown, unknown>])
    task.process(1, () => true)
  }
  return failed
}

/** Operators of each class without a name, or whose name is that of a topic, a store, or a node of their own. */
const unnamed: Readonly<Record<ClassOfOperators, readonly string[]>> = {
  builder: [
    'addGlobalStore',
    'addProcessor',
    'addSink',
    'addSource',
    'addStateStore',
    'describe',
    'explain',
    'globalTable',
    'start',
    'table',
    'topology',
  ],
  stream: ['groupByKey', 'repartition', 'window'],
  joined: [],
  table: [],
  grouped: ['cogroup', 'window'],
  groupedTable: [],
  cogrouped: ['cogroup'],
  windowed: ['groupByKey'],
  windowedGrouped: [],
  windowedTable: ['late'],
  global: [],
}

describe('the name of an operator', () => {
  it.each(Object.entries(unnamed))('is looked at for each operator of %s', (name, without) => {
    const looked = Object.keys(operators).map((title) => title.split(' '))
    const isLooked = (operator: string): boolean => looked.some(([of, what]) => of === name && what === operator)
    const missing = operatorsOf(name as ClassOfOperators).filter((operator) => !isLooked(operator))
    expect(missing.toSorted()).toEqual(without.toSorted())
  })

  it.each(Object.entries(operators))('is what drawings and errors call it: %s', (_, build) => {
    const s = builder()
    let isAsked = false
    build(s, () => {
      isAsked = true
      throw new Error('no luck')
    })
    const { text, mermaid } = s.describe()
    expect(text).toMatch(/^ {4}given( \(|$)/m)
    expect(mermaid).toContain('["given"]')
    const failed = failingOperators(s)
    expect(failed).toEqual(isAsked ? [name] : [])
    // A builder that takes `fail` has called it.
    expect(isAsked).toBe(build.length === 2)
  })

  it('begins those of its branches', () => {
    const s = builder()
    orders(s).split({ us: () => true }, { default: 'rest', ...named })
    expect(s.describe().text).toContain('given-us, given-rest')
  })

  it('is refused when there is another of that name, also where it was begun apart', () => {
    const one = orders(builder()).filter(() => true, named)
    expect(() => one.peek(() => undefined, named)).toThrow(/two operators named 'given'/)
    const other = others(builder()).peek(() => undefined, named)
    expect(() => one.merge(other)).toThrow(/two operators named 'given'/)
    expect(() => one.peek(() => undefined, { name: ' ' })).toThrow(/not empty/)
  })

  it('may be what another is called that has none, which then is called otherwise', () => {
    const s = builder()
    const always = (): boolean => true
    orders(s).filter(always).filter(always, { name: 'filter' }).filter(always)
    const later = others(builder()).filter(always, { name: 'filter 4' }).filter(always)
    orders(s).filter(always).filter(always).merge(later)
    const called = s.describe().text.matchAll(/^ {4}(filter.*)$/gm)
    const all = [...called].map(([, one]) => one)
    expect(all).toHaveLength(7)
    expect(new Set(all).size).toBe(7)
  })
})

describe('the internal topics of an operator with a name', () => {
  const topicsOf = (build: (s: StreamsBuilder) => unknown): string[] => {
    const s = builder()
    build(s)
    return [...s.explain({ application: 'app' }).matchAll(/topic '(app-[^']+)'/g)]
      .map(([, topic]) => topic as string)
      .sort()
  }
  const rekeyed = (s: StreamsBuilder) => orders(s).selectKey((one) => one.customerId)

  it('have it where Kafka Streams gives it to them, and are its own', () => {
    expect(
      topicsOf((s) => {
        const stream = rekeyed(s)
        stream.groupByKey({ name: 'grouped' }).count({ name: 'counted' })
        stream.groupByKey().count({ name: 'counted-too' })
        stream.join(others(s) as never, { window: 10, name: 'joined' })
        stream.join(table(s), { name: 'looked-up' })
        stream.repartition({ name: 'spread' })
      }),
    ).toEqual(
      [
        'app-counted-changelog',
        'app-counted-too-changelog',
        'app-grouped-repartition',
        'app-joined-left-changelog',
        'app-joined-left-repartition',
        'app-joined-right-changelog',
        'app-looked-up-repartition',
        'app-orders-by-customerId-repartition',
        'app-rows-table-changelog',
        'app-spread-repartition',
      ].sort(),
    )
    expect(
      topicsOf((s) =>
        orders(s)
          .groupBy((one) => one.customerId, { name: 'by' })
          .count({ name: 'n' }),
      ),
    ).toEqual(['app-by-repartition', 'app-n-changelog'])
  })

  it('are refused where two would have the same', () => {
    const stream = rekeyed(builder())
    stream.groupByKey({ name: 'grouped' }).count()
    expect(() => stream.groupByKey({ name: 'grouped' })).toThrow(/two repartitions named 'grouped'/)
  })

  it('are two where repartition() is called twice', () => {
    expect(topicsOf((s) => [orders(s).repartition(), orders(s).repartition()])).toEqual([
      'app-orders-2-repartition',
      'app-orders-repartition',
    ])
  })
})
