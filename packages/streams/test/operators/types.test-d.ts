import { defineTopic, type Serde } from '@kafkado/core'
import {
  createStreamsBuilder,
  keyValue,
  type Processor,
  sessionWindow,
  type Startable,
  type Stream,
  type Table,
  tumblingWindow,
  type WindowedTable,
  type WindowRow,
} from '@kafkado/streams'
import { createKafkaClient } from 'kafkado'
import { describe, expectTypeOf, it } from 'vitest'

interface Order {
  id: string
  customerId: string
  amount: number
  region: 'us' | 'eu'
}
interface Customer {
  id: string
  name: string
}

declare const dateSerde: Serde<Date>
const kafka = createKafkaClient('memory:')
const s = createStreamsBuilder(undefined as never)
const orders = kafka.stream<Order>('orders')
const byNumber = s.table(defineTopic('rates', { key: 'int64', value: 'float64' }))
const customers = s.table<Customer>('customers')
const globals = s.globalTable<Customer>('customers')

describe('streams', () => {
  it('infers what operators make', () => {
    expectTypeOf(orders).toEqualTypeOf<Stream<string | null, Order>>()
    expectTypeOf(orders.map((o) => o.amount)).toEqualTypeOf<Stream<string | null, number>>()
    expectTypeOf(orders.map((o) => keyValue(o.amount, o.id))).toEqualTypeOf<Stream<number, string>>()
    expectTypeOf(orders.selectKey((o) => o.customerId)).toEqualTypeOf<Stream<string, Order>>()
    expectTypeOf(orders.mapAsync((o) => Promise.resolve(o.id))).toEqualTypeOf<Stream<string | null, string>>()
    expectTypeOf(orders.groupBy((o) => o.customerId).count()).toEqualTypeOf<Table<string, number>>()
    const totals = orders.groupBy((o) => o.customerId).reduce(0, (total, o) => total + o.amount)
    expectTypeOf(totals).toEqualTypeOf<Table<string, number>>()
    const windowed = orders.window(tumblingWindow('5m')).groupBy((o) => o.customerId)
    expectTypeOf(windowed.count()).toEqualTypeOf<WindowedTable<string, number>>()
    windowed.count().forEach((key, window) => {
      expectTypeOf(key).toEqualTypeOf<string>()
      expectTypeOf(window.value).toEqualTypeOf<number>()
    })
    orders.leftJoin(customers, { on: (o, c) => o.customerId === c.id }).forEach((order, customer) => {
      expectTypeOf(order).toEqualTypeOf<Order>()
      expectTypeOf(customer).toEqualTypeOf<Customer | null>()
    })
    expectTypeOf(orders.split({ us: (o) => o.region === 'us', rest: () => true })).toHaveProperty('us')
    expectTypeOf(orders.flatMapValues((o) => [o.amount])).toEqualTypeOf<Stream<string | null, number>>()
    const byRegion = orders.split({ us: (o) => o.region === 'us' }, { default: 'rest' })
    expectTypeOf(byRegion).toEqualTypeOf<Record<'us' | 'rest', Stream<string | null, Order>>>()
    expectTypeOf(orders.split({ us: (o) => o.region === 'us' })).not.toHaveProperty('rest')
    expectTypeOf(kafka.stream<Order>(['orders', 'more-orders'])).toEqualTypeOf<Stream<string | null, Order>>()
  })

  it('gives a processor of values no key to hand on, and a transformer nothing to hand on', () => {
    const amounts = orders.processValues<number>((context) => (o, key) => {
      expectTypeOf(key).toEqualTypeOf<string | null>()
      context.forward(o.amount)
      context.forward(o.amount, 5)
      // @ts-expect-error -- the key is that of the record
      context.forward(key, o.amount)
      // @ts-expect-error -- the values are numbers
      context.forward(o.id)
    })
    expectTypeOf(amounts).toEqualTypeOf<Stream<string | null, number>>()
    expectTypeOf(orders.processValues((context) => (o) => context.forward(o))).toEqualTypeOf<typeof orders>()
    const named = customers.transformValues((context) => (customer) => {
      expectTypeOf(customer).toEqualTypeOf<Customer | null>()
      // @ts-expect-error -- what it returns is the result
      void context.forward
      return customer?.name ?? null
    })
    expectTypeOf(named).toEqualTypeOf<Table<string, string>>()
    // @ts-expect-error -- JSON makes a text of a Date
    customers.transformValues(() => () => new Date(0))
    customers.transformValues(() => () => new Date(0), { value: dateSerde })
  })

  it('gives the text of a printed record its types, and ends with print', () => {
    const printed = orders.print({
      label: 'orders',
      map: (o, key, { offset }) => {
        expectTypeOf(o).toEqualTypeOf<Order>()
        expectTypeOf(key).toEqualTypeOf<string | null>()
        return `${offset}`
      },
      write: (line) => expectTypeOf(line).toEqualTypeOf<string>(),
    })
    expectTypeOf(printed).toEqualTypeOf<Startable>()
    orders.leftJoin(customers, { on: (o, c) => o.customerId === c.id }).print({
      map: (o, c, key) => {
        expectTypeOf(o).toEqualTypeOf<Order>()
        expectTypeOf(c).toEqualTypeOf<Customer | null>()
        expectTypeOf(key).toEqualTypeOf<string>()
        return o.id
      },
    })
    // @ts-expect-error -- the text of a record is a string
    orders.print({ map: (o) => o.amount })
    // @ts-expect-error -- the text of a record is there at once
    orders.print({ map: async (o) => o.id })
  })

  it('narrows by a type guard', () => {
    type FromUs = Order & { region: 'us' }
    expectTypeOf(orders.filter((o): o is FromUs => o.region === 'us')).toEqualTypeOf<Stream<string | null, FromUs>>()
  })

  it('narrows by a type guard that does not hold, where that leaves less of a union', () => {
    const states = kafka.stream<{ kind: 'on'; watts: number } | { kind: 'off' } | null>('states')
    const on = states.filterNot((state) => state === null).filterNot((state) => state.kind === 'off')
    expectTypeOf(on).toEqualTypeOf<Stream<string | null, { kind: 'on'; watts: number }>>()
    type FromUs = Order & { region: 'us' }
    expectTypeOf(orders.filterNot((o): o is FromUs => o.region === 'us')).toEqualTypeOf<typeof orders>()
    expectTypeOf(orders.filterNot((o) => o.amount > 1)).toEqualTypeOf<typeof orders>()
    const rows = s.table<'a' | 'b'>('rows').filterNot((row) => row === 'a')
    expectTypeOf(rows).toEqualTypeOf<Table<string, 'b'>>()
  })

  it('refuses to join by keys of different types', () => {
    const keyed = orders.selectKey((o) => o.customerId)
    keyed.join(customers)
    // @ts-expect-error -- the table has numbers as keys
    keyed.join(byNumber)
    const byAmount = orders.selectKey((o) => o.amount)
    // @ts-expect-error -- the other stream has numbers as keys
    keyed.join(byAmount, { window: '1h' })
    // @ts-expect-error -- texts and numbers are never the same
    customers.join(byNumber)
    // @ts-expect-error -- two streams need a window
    keyed.join(keyed, {})
    // @ts-expect-error -- a text and a number never compare as equal
    orders.join(byNumber, { on: (o, rate) => o.customerId === rate })
  })

  it('refuses promises from synchronous operators', () => {
    // @ts-expect-error -- map is synchronous
    orders.map(async (o) => o.id)
    // @ts-expect-error -- mapValues is synchronous
    orders.mapValues((o) => Promise.resolve(o.id))
    // @ts-expect-error -- a predicate is synchronous
    orders.filter((o) => Promise.resolve(o.amount > 1))
    // @ts-expect-error -- as above
    orders.filterNot((o) => Promise.resolve(o.amount > 1))
    // @ts-expect-error -- flatMapValues is synchronous
    orders.flatMapValues((o) => Promise.resolve([o.id]))
    // @ts-expect-error -- transformValues is synchronous
    customers.transformValues(() => (c) => Promise.resolve(c))
    // @ts-expect-error -- selectKey is synchronous
    orders.selectKey((o) => Promise.resolve(o.id))
    // @ts-expect-error -- groupBy is synchronous
    orders.groupBy((o) => Promise.resolve(o.id))
    // @ts-expect-error -- an aggregate is no promise
    orders.groupByKey().reduce(0, (total, o) => Promise.resolve(total + o.amount))
    // @ts-expect-error -- tables are synchronous
    customers.mapValues((c) => Promise.resolve(c.name))
  })

  it('asks how values and keys are written where JSON and text do not do', () => {
    const dates = orders.map((o) => new Date(o.amount))
    // @ts-expect-error -- JSON makes a text of a Date
    dates.to('dates')
    dates.to(defineTopic('dates', { value: dateSerde }))
    const sets = orders.map((o) => ({ ids: new Set([o.id]) }))
    // @ts-expect-error -- JSON makes nothing of a Set
    sets.groupByKey()
    // @ts-expect-error -- a topic by name has text keys
    orders.selectKey((o) => o.amount).to('by-amount')
    orders.selectKey((o) => o.amount).to(defineTopic('by-amount', { key: 'float64' }))
    // @ts-expect-error -- a Map is not JSON
    orders.groupByKey().aggregate(
      () => new Map<string, number>(),
      (m) => m,
    )
    orders.groupByKey().aggregate(
      () => ({ total: 0 }),
      (a, o) => ({ total: a.total + o.amount }),
    )
    // @ts-expect-error -- an object would be shared by all keys
    orders.groupByKey().aggregate({ total: 0 }, (a) => a)
  })

  it('takes names, and topics and partitions by function', () => {
    const name = 'named'
    orders
      .filter((o) => o.amount > 1, { name })
      .peek(() => undefined, { name })
      .merge(orders, { name })
    // @ts-expect-error -- there is no such option
    orders.filter((o) => o.amount > 1, { called: name })
    orders.to((o, key, { offset }) => `${o.id}-${key}-${offset}`, {
      name,
      partition: (o, _key, count) => o.amount % count,
    })
    // @ts-expect-error -- a partition is a number
    orders.to('out', { partition: (o) => o.id })
    const dates = orders.mapValues((o) => new Date(o.amount))
    // @ts-expect-error -- JSON makes a text of a Date
    dates.to(() => 'dates')
    dates.to(() => defineTopic('dates', { value: dateSerde }))
    orders.repartition({
      name,
      partitions: 2,
      partition: (o, key, count) => (key === null ? undefined : o.amount % count),
    })
    customers.to('out', { partition: (c) => c.name.length })
    customers.join(customers, { name }).leftJoin(customers, (left) => left, { name })
  })

  it('takes a grace of tables alone, and foreign keys of keys', () => {
    orders.join(customers, { on: (o, c) => o.customerId === c.id, grace: '5s', name: 'late' })
    // @ts-expect-error -- a global table has none
    orders.join(globals, { key: (o) => o.customerId, grace: '5s' })
    const on = {
      left: (c: { name: string }, key: string) => `${c.name}${key}`,
      right: (_c: unknown, key: string) => key,
    }
    customers.join(customers, { on }, (left, right) => [left.name, right.name])
    // @ts-expect-error -- its keys are texts
    customers.join(customers, { on: { left: (_c, key: number) => key, right: () => null } })
  })

  it('closes windows of tables that have them', () => {
    const counts = orders.groupByKey().window(tumblingWindow('5m')).count()
    counts.untilWindowCloses()
    counts
      .filter((count) => count > 1)
      .mapValues(String)
      .untilWindowCloses({ name: 'closed' })
    // @ts-expect-error -- a customer is no window
    customers.untilWindowCloses()
  })

  it('asks how two sessions become one', () => {
    const sessions = orders.groupBy((o) => o.customerId).window(sessionWindow('1h'))
    sessions.count()
    sessions.reduce(0, (total, o) => total + o.amount, { merge: (left, right) => left + right })
    // @ts-expect-error -- there is no merge
    sessions.reduce(0, (total, o) => total + o.amount)
  })

  it('knows what the nodes of a topology hand on', () => {
    const source = s.addSource<Order>('source', 'orders')
    const amounts = s.addProcessor<string | null, Order, string, number>(
      'amounts',
      (context) => (order) => context.forward(order.customerId, order.amount),
      { parents: source },
    )
    s.addSink('sink', 'output', { parents: amounts })
    const numbers: Processor<string, number, string, number> = (context) => (value, key) => context.forward(key, value)
    s.addProcessor('behind', numbers, { parents: [amounts] })
    // @ts-expect-error -- what comes from the source are orders
    s.addProcessor('wrong', numbers, { parents: source })
    // @ts-expect-error -- not all parents hand on numbers
    s.addProcessor('mixed', numbers, { parents: [amounts, source] })
    // @ts-expect-error -- the context hands on strings and numbers
    s.addProcessor<string | null, Order, string, number>('no', (context) => (order) => context.forward('', order), {
      parents: source,
    })
  })

  it('knows the stores of processors', () => {
    orders.process(
      (context) => {
        expectTypeOf(context.store<string, number>('a').get('k')).toEqualTypeOf<number | undefined>()
        expectTypeOf(context.windowStore<string, number>('b').fetch('k', 0, 1)).toEqualTypeOf<
          WindowRow<string, number>[]
        >()
        return { process: () => undefined, close: () => undefined }
      },
      { stores: { a: {}, b: { kind: 'window', retention: '1h', windowSize: '1m' }, c: s.addStateStore('shared') } },
    )
    // @ts-expect-error -- a window store has a size
    orders.process(() => () => undefined, { stores: { b: { kind: 'window', retention: '1h' } } })
    // @ts-expect-error -- a store by key keeps nothing for a time
    orders.process(() => () => undefined, { stores: { b: { retention: '1h' } } })
  })

  it('checks durations', () => {
    tumblingWindow('5m')
    // @ts-expect-error -- there is no such unit
    tumblingWindow('5 minutes')
  })
})
