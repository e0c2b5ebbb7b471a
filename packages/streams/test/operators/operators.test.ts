import { defineTopic, json } from '@kafkado/core'
import {
  createStreamsBuilder,
  hoppingWindow,
  keyValue,
  type OperatorContext,
  sessionWindow,
  type Startable,
  type StreamsBuilder,
  tumblingWindow,
} from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

interface Order {
  id: string
  customerId: string
  amount: number
  region?: string
}

const builder = (): StreamsBuilder => createStreamsBuilder(noTransport)
const order = (id: string, customerId: string, amount: number, region?: string): Order => ({
  id,
  customerId,
  amount,
  ...(region === undefined ? {} : { region }),
})
const values = (driver: TopologyTestDriver, topic: string): unknown[] => driver.read(topic).map(({ value }) => value)

describe('operators without state', () => {
  it('filter, map, mapValues, flatMap, selectKey, peek, merge', () => {
    const s = builder()
    const seen: unknown[] = []
    const big = s.stream<Order>('orders').filter((o) => o.amount > 1)
    const small = s.stream<Order>('others').mapValues((o, key, { topic }) => ({ ...o, key, topic }))
    const merged = big
      .map((o) => keyValue(o.customerId, o.id))
      .peek((id, key) => seen.push([key, id]))
      .merge(small.selectKey((o) => o.customerId).mapValues((o) => `${o.id} of ${o.key} in ${o.topic}`))
    const driver = new TopologyTestDriver(merged.flatMap((id) => [id, `${id}!`]).to('ids'))
    driver.pipe('orders', { value: order('1', 'a', 1) })
    driver.pipe('orders', { value: order('2', 'a', 2), headers: { trace: 'x' }, timestamp: 7 })
    driver.pipe('others', { key: 'k', value: order('3', 'b', 0) })
    const out = driver.read('ids')
    expect(out.map(({ key, value }) => [key, value])).toEqual([
      ['a', '2'],
      ['a', '2!'],
      ['b', '3 of k in others'],
      ['b', '3 of k in others!'],
    ])
    expect(out[0]).toMatchObject({ timestamp: 7, headers: { trace: 'x' } })
    expect(seen).toEqual([['a', '2']])
  })

  it('a test driver takes values and records, and refuses a topic that nothing reads', () => {
    const driver = new TopologyTestDriver(
      builder()
        .stream<Order>('orders')
        .mapValues((o) => o.id)
        .to('ids'),
      { now: 5 },
    )
    driver.pipe('orders', order('1', 'a', 1))
    driver.pipe('orders', order('2', 'a', 1), { key: 'k', timestamp: 9 })
    driver.pipe('orders', { key: 'l', value: order('3', 'a', 1) })
    expect(driver.read('ids').map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
      [null, '1', 5],
      ['k', '2', 9],
      ['l', '3', 5],
    ])
    const same = new TopologyTestDriver((s) => s.stream<number>('in').to('out'))
    same.pipe('in', 7)
    expect(values(same, 'out')).toEqual([7])
    expect(() => driver.pipe('order', order('1', 'a', 1))).toThrow(
      /nothing reads topic 'order'; the topology reads 'orders'/,
    )
  })

  it('branch takes the first that holds and counts what matches none; split makes streams of them', () => {
    const s = builder()
    const orders = s.stream<Order>('orders')
    orders.branch([
      [(o) => o.region === 'us', 'us-orders'],
      [(o) => o.amount > 10, 'big-orders'],
    ])
    const { us, eu } = orders.split({ us: (o) => o.region === 'us', eu: () => true })
    us.mapValues((o) => o.id).to('us-ids')
    const driver = new TopologyTestDriver(eu.mapValues((o) => o.id).to('eu-ids'))
    driver.pipe('orders', { value: order('1', 'a', 100, 'us') })
    driver.pipe('orders', { value: order('2', 'a', 100, 'eu') })
    driver.pipe('orders', { value: order('3', 'a', 1, 'eu') })
    expect(values(driver, 'us-orders').map((o) => (o as Order).id)).toEqual(['1'])
    expect(values(driver, 'big-orders').map((o) => (o as Order).id)).toEqual(['2'])
    expect([values(driver, 'us-ids'), values(driver, 'eu-ids')]).toEqual([['1'], ['2', '3']])
    expect(driver.dropped()).toEqual({ 'no-branch': 1 })
    expect(driver.trace().filter(({ what }) => what === 'dropped')).toMatchObject([
      { reason: 'no-branch', topic: 'orders' },
    ])
  })

  it('filterNot hands on what filter leaves out, of streams and tables', () => {
    const s = builder()
    const isBig = (o: Order): boolean => o.amount > 10
    const stream = s.stream<Order>('orders')
    stream.filter(isBig).to('big')
    stream.filterNot(isBig).to('small')
    const table = s.table<Order>('rows', { name: 'rows' })
    const small = table.filterNot(isBig)
    table.filter(isBig).to('big-rows')
    small.to('small-rows')
    const rated = s
      .stream<string>('ids')
      .join(small)
      .map((id, o) => `${id}: ${o.amount}`)
    const driver = new TopologyTestDriver(rated.to('found'))
    for (const amount of [5, 50, 10]) {
      driver.pipe('orders', { key: 'k', value: order('1', 'a', amount) })
      driver.pipe('rows', { key: 'k', value: order('1', 'a', amount) })
      driver.pipe('ids', { key: 'k', value: `at ${amount}` })
    }
    const amounts = (topic: string) => values(driver, topic).map((o) => (o as Order | null)?.amount)
    expect([amounts('big'), amounts('small')]).toEqual([[50], [5, 10]])
    expect([amounts('big-rows'), amounts('small-rows')]).toEqual([
      [50, undefined],
      [5, undefined, 10],
    ])
    expect(values(driver, 'found')).toEqual(['at 5: 5', 'at 10: 10'])
  })

  it('split hands on to the stream that default names what no predicate takes, and leaves it out without', () => {
    const s = builder()
    const orders = s.stream<Order>('orders')
    const streams = orders.split({ us: (o) => o.region === 'us', big: (o) => o.amount > 10 }, { default: 'rest' })
    for (const [name, stream] of Object.entries(streams)) stream.mapValues((o) => o.id).to(name)
    const { alone } = orders.split({ alone: (o) => o.region === 'us' })
    const driver = new TopologyTestDriver(alone.mapValues((o) => o.id).to('alone'))
    driver.pipe('orders', { value: order('1', 'a', 100, 'us') })
    driver.pipe('orders', { value: order('2', 'a', 100, 'eu') })
    driver.pipe('orders', { value: order('3', 'a', 1, 'eu') })
    expect(Object.keys(streams)).toEqual(['us', 'big', 'rest'])
    expect(['us', 'big', 'rest', 'alone'].map((topic) => values(driver, topic))).toEqual([['1'], ['2'], ['3'], ['1']])
    expect(() => orders.split({ us: () => true }, { default: 'us' })).toThrow(/'us' is a branch already/)
  })

  it('flatMapValues takes any iterable, hands on a keyValue as a value, and refuses what is none', () => {
    const s = builder()
    const stream = s.stream<string>('in')
    const refused = s.stream<string>('bad').flatMapValues((value) => value as unknown as string[])
    refused.to('never')
    const topology = stream
      .flatMapValues(function* (value) {
        yield* value.split(' ')
        if (value === '') yield keyValue('other', value)
      })
      .to('words')
    const driver = new TopologyTestDriver(topology)
    driver.pipe('in', { key: 'k', value: 'a b', timestamp: 7, headers: { trace: 'x' } })
    driver.pipe('in', { value: '' })
    expect(driver.read('words').map(({ key, value }) => [key, value])).toEqual([
      ['k', 'a'],
      ['k', 'b'],
      [null, ''],
      [null, { key: 'other', value: '' }],
    ])
    expect(driver.read('words')).toEqual([])
    expect(() => driver.pipe('bad', 'text')).toThrow(
      /flatMapValues: the function must return an array or another iterable/,
    )
  })

  it('processValues has stores and a schedule, but no key to hand on by when no record is in hand', () => {
    const act: { forward?: boolean } = {}
    const build = (s: StreamsBuilder) =>
      s
        .stream<number>('in')
        .processValues<number>(
          (context) => {
            const sums = context.store<string | null, number>('sums')
            context.schedule(10, 'stream-time', () => {
              for (const [key] of sums.entries()) sums.delete(key)
              if (act.forward) context.forward(0)
            })
            return (value, key) => {
              const sum = (sums.get(key) ?? 0) + value
              sums.put(key, sum)
              context.forward(sum)
            }
          },
          { stores: { sums: {} } },
        )
        .to('out')
    const driver = new TopologyTestDriver(build)
    const pipe = (key: string, value: number, timestamp: number) => driver.pipe('in', { key, value, timestamp })
    pipe('a', 1, 1)
    pipe('b', 10, 2)
    pipe('a', 2, 3)
    // The first record made time pass as well.
    expect(driver.store('sums')).toEqual(
      new Map([
        ['b', 10],
        ['a', 2],
      ]),
    )
    pipe('a', 4, 11)
    pipe('a', 5, 12)
    expect(driver.read('out').map(({ key, value }) => [key, value])).toEqual([
      ['a', 1],
      ['b', 10],
      ['a', 2],
      ['a', 6],
      ['a', 5],
    ])
    act.forward = true
    expect(() => pipe('a', 1, 21)).toThrow(/processValues: there is no record in hand.*process\(\)/)
  })

  it('a processor that answers with a promise, or asks for a store that is not its own, is told so', () => {
    const asynchronous = (): (() => Promise<void>) => () => Promise.resolve()
    const asking = (context: OperatorContext) => (): never => context.store('others') as never
    const built: Record<string, (s: StreamsBuilder, make: never) => Startable> = {
      process: (s, make) => s.stream('in').process(make).to('out'),
      processValues: (s, make) => s.stream('in').processValues(make).to('out'),
      transformValues: (s, make) => s.table('in').transformValues(make).to('out'),
    }
    for (const [name, build] of Object.entries(built)) {
      const run = (make: unknown) => () =>
        new TopologyTestDriver(build(builder(), make as never)).pipe('in', { key: 'k', value: 1 })
      expect(run(asynchronous)).toThrow(new RegExp(`${name}: the function returned a Promise`))
      expect(run(asking)).toThrow(new RegExp(`${name}: there is no store 'others'`))
    }
  })

  it('a list of topics is one stream, of each topic once', () => {
    const count = (topics: readonly string[]) => {
      const topology = builder()
        .stream<string>(topics)
        .groupByKey()
        .reduce('', (all, value) => all + value)
      return { topology, driver: new TopologyTestDriver(topology.to('out')) }
    }
    const { topology, driver } = count(['one', 'other', 'one'])
    for (const [topic, value] of [
      ['one', 'a'],
      ['other', 'b'],
      ['one', 'c'],
    ] as const)
      driver.pipe(topic, { key: 'k', value })
    expect(values(driver, 'out')).toEqual(['a', 'ab', 'abc'])
    expect(topology.storeName).toBe('one-other-reduce')
    // One topic behaves as it would alone.
    expect(count(['one', 'one']).topology.storeName).toBe('one-reduce')
    expect(() => count([])).toThrow(/stream: the list has no topic/)
  })

  it('topics of a list are read with their own serdes, and repartitioned with those of the first', () => {
    const numbers = defineTopic('numbers', { key: 'string', value: 'int64' })
    const texts = defineTopic('texts', { key: 'string', value: json<number>() })
    const sums = builder()
      .stream<number>([numbers, texts])
      .selectKey(() => 'all')
      .groupByKey()
      .reduce(0, (sum, value) => sum + value)
    const driver = new TopologyTestDriver(sums.to('sums'))
    driver.pipe(numbers, 5)
    driver.pipe(texts, 7)
    expect(values(driver, 'sums')).toEqual([5, 12])
  })

  it('mapAsync keeps the order of the partition, or of each key alone', async () => {
    for (const mode of ['partition', 'key'] as const) {
      const waiting = new Map<string, (value: string) => void>()
      const topology = builder()
        .stream<string>('in')
        .mapAsync(
          (value, _key, record) =>
            new Promise<string>((resolve) => waiting.set(value, () => resolve(`${value}!${record.offset}`))),
          {
            order: mode,
            concurrency: 4,
          },
        )
        .to('out')
      const driver = new TopologyTestDriver(topology)
      for (const [key, value] of ['a1', 'b1', 'a2'].map((text) => [text[0] as string, text] as const))
        driver.pipe('in', { key, value })
      waiting.get('a2')?.('')
      waiting.get('b1')?.('')
      await Promise.resolve()
      await Promise.resolve()
      expect(values(driver, 'out')).toEqual(mode === 'key' ? ['b1!1'] : [])
      waiting.get('a1')?.('')
      await driver.settle()
      expect(values(driver, 'out')).toEqual(mode === 'key' ? ['a1!0', 'a2!2'] : ['a1!0', 'b1!1', 'a2!2'])
    }
  })

  it('mapAsync that rejects fails the task', async () => {
    const topology = builder()
      .stream('in')
      .mapAsync(() => Promise.reject(new Error('no')))
      .to('out')
    const driver = new TopologyTestDriver(topology)
    driver.pipe('in', { value: 1 })
    await expect(driver.settle()).rejects.toThrow('no')
  })

  it('a promise out of a synchronous operator is an error that says what to use', () => {
    const topology = builder()
      .stream('in')
      .map((() => Promise.resolve(1)) as never)
      .to('out')
    expect(() => new TopologyTestDriver(topology).pipe('in', { value: 1 })).toThrow(
      /map: .*returned a Promise.*mapAsync/,
    )
  })
})

describe('windows', () => {
  it('window before groupBy is groupBy before window', () => {
    const results = [false, true].map((isFirst) => {
      const orders = builder().stream<Order>('orders')
      const grouped = isFirst
        ? orders.window(tumblingWindow(10)).groupBy((o) => o.customerId)
        : orders.groupBy((o) => o.customerId).window(tumblingWindow(10))
      const driver = new TopologyTestDriver(grouped.count().to('counts'))
      for (const [customer, timestamp] of [
        ['a', 1],
        ['b', 5],
        ['a', 9],
        ['a', 10],
      ] as const)
        driver.pipe('orders', { value: order('1', customer, 1), timestamp })
      return driver.read('counts').map(({ key, value }) => [key, value])
    })
    expect(results[0]).toEqual(results[1])
    expect(results[0]).toContainEqual([{ key: 'a', start: 0, end: 10 }, 2])
  })

  it('late records come out of late(), once, and only when no window takes them', () => {
    const s = builder()
    const counts = s
      .stream<number>('in')
      .groupByKey()
      .window(hoppingWindow(10, 5, { grace: 0 }))
      .count()
    counts.to('counts')
    const driver = new TopologyTestDriver(counts.late<number>().to('late'))
    driver.pipe('in', { key: 'k', value: 1, timestamp: 21 })
    driver.pipe('in', { key: 'k', value: 2, timestamp: 17 })
    driver.pipe('in', { key: 'k', value: 3, timestamp: 3 })
    expect(values(driver, 'late')).toEqual([3])
    expect(driver.dropped()).toEqual({ late: 2 })
  })

  it('a session needs a merge, and says so', () => {
    const sessions = builder().stream<Order>('orders').groupByKey().window(sessionWindow('1m'))
    const reduce = sessions.reduce.bind(sessions) as never as (initial: number, add: () => number) => unknown
    expect(() => reduce(0, () => 1)).toThrow(/sessions grow together, so give \{ merge/)
  })

  it('takes a time out of the value, and says what to do with one that is not valid', () => {
    const run = (invalidTimestamp: 'fail' | 'skip' | 'partition-time'): unknown[] => {
      const options = { timestamp: (value: { at: number }) => value.at, invalidTimestamp }
      const topology = builder().stream<{ at: number }>('in', options).to('out')
      const driver = new TopologyTestDriver(topology)
      for (const at of [5, -1, 9]) driver.pipe('in', { value: { at } })
      return driver.read('out').map(({ timestamp }) => timestamp)
    }
    expect(run('skip')).toEqual([5, 9])
    expect(run('partition-time')).toEqual([5, 5, 9])
    expect(() => run('fail')).toThrow(/topic 'in' partition 0 offset 1: the record has no valid time/)
  })
})

describe('joins', () => {
  it('finds the keys of a predicate, also within objects, and applies the rest of it to each pair', () => {
    const s = builder()
    const payments = s.stream<{ order: { id: string }; amount: number }>('payments')
    const topology = s
      .stream<Order>('orders')
      .join(payments, { on: (o, p) => o.id === p.order.id && p.amount >= o.amount, window: '1h' })
      .map((o, p) => `${o.id}: ${p.amount}`)
      .to('paid')
    const driver = new TopologyTestDriver(topology)
    driver.pipe('orders', { value: order('1', 'a', 10) })
    driver.pipe('payments', { value: { order: { id: '1' }, amount: 9 } })
    driver.pipe('payments', { value: { order: { id: '1' }, amount: 10 } })
    driver.pipe('payments', { value: { order: { id: '2' }, amount: 10 } })
    expect(values(driver, 'paid')).toEqual(['1: 10'])
  })

  it('asks for the keys when the predicate does not tell them', () => {
    const s = builder()
    const [orders, others] = [s.stream<Order>('orders'), s.stream<Order>('others')]
    const window = '1h'
    for (const on of [
      (o: Order, p: Order) => o.id === p.id || o.customerId === p.customerId,
      (o: Order, p: Order) => o.id !== p.id,
      (o: Order, p: Order) => o.id.toLowerCase() === p.id,
      (o: Order, p: Order) => o.amount + 1 === p.amount,
      () => true,
    ])
      expect(() => orders.join(others, { on, window })).toThrow(/keys cannot be told from `on`.*name them: on: \{ left/)
    const named = orders.join(others, { on: { left: (o) => o.id.toLowerCase(), right: (p) => p.id }, window })
    const driver = new TopologyTestDriver(named.map((o, p) => `${o.id}${p.id}`).to('out'))
    driver.pipe('orders', { value: order('A', 'a', 1) })
    driver.pipe('others', { value: order('a', 'a', 1) })
    expect(values(driver, 'out')).toEqual(['Aa'])
  })

  it('looks up the row of a table, whose key the predicate names', () => {
    const s = builder()
    const customers = s.table<{ id: string; name: string }>('customers')
    const topology = s
      .stream<Order>('orders')
      .leftJoin(customers, { on: (o, c) => o.customerId === c.id })
      .map((o, c) => `${o.id} ${c?.name ?? 'nobody'}`)
      .to('out')
    const driver = new TopologyTestDriver(topology)
    driver.pipe('customers', { key: 'a', value: { id: 'a', name: 'Ann' } })
    driver.pipe('orders', { key: 'x', value: order('1', 'a', 1) })
    driver.pipe('orders', { key: 'y', value: order('2', 'b', 1) })
    expect(values(driver, 'out')).toEqual(['1 Ann', '2 nobody'])
  })

  it('needs a window for two streams', () => {
    const s = builder()
    expect(() => s.stream('a').join(s.stream('b'), {} as never)).toThrow(/two streams need a window/)
  })
})

describe('tables', () => {
  it('a foreign-key join follows both sides, and its result can be grouped again', () => {
    const s = builder()
    const orders = s.table<Order>('orders')
    const customers = s.table<{ region: string }>('customers')
    const totals = orders
      .join(customers, { on: { left: (o) => o.customerId, right: () => '' } }, (o, c) => ({ ...o, region: c.region }))
      .groupBy((o) => o.region)
      .aggregate(
        0,
        (total, o) => total + o.amount,
        (total, o) => total - o.amount,
      )
    const driver = new TopologyTestDriver(totals.to('totals'))
    const store = totals.storeName as string
    driver.pipe('customers', { key: 'a', value: { region: 'eu' } })
    driver.pipe('orders', { key: '1', value: order('1', 'a', 5) })
    driver.pipe('orders', { key: '2', value: order('2', 'a', 7) })
    expect(driver.store(store)).toEqual(new Map([['eu', 12]]))
    driver.pipe('customers', { key: 'a', value: { region: 'us' } })
    expect(driver.store(store)).toEqual(
      new Map([
        ['eu', 0],
        ['us', 12],
      ]),
    )
    driver.pipe('orders', { key: '1', value: null })
    expect(driver.store(store)).toEqual(
      new Map([
        ['eu', 0],
        ['us', 7],
      ]),
    )
    driver.restart()
    driver.pipe('orders', { key: '2', value: order('2', 'a', 1) })
    expect(driver.store(store)).toEqual(
      new Map([
        ['eu', 0],
        ['us', 1],
      ]),
    )
  })

  it('cogroup, toTable, suppress and derived tables', () => {
    const s = builder()
    const clicks = s.stream<number>('clicks').groupByKey()
    const buys = s.stream<number>('buys').groupByKey()
    const scores = clicks
      .cogroup<number>((score) => score + 1)
      .cogroup(buys, (score, amount) => score + amount)
      .aggregate(0)
    const high = scores.filter((score) => score > 5).mapValues((score) => `score ${score}`)
    const names = s.stream<string>('names').toTable()
    const driver = new TopologyTestDriver(high.join(names, (score, name) => `${name}: ${score}`).to('out'))
    driver.pipe('names', { key: 'k', value: 'Kim' })
    driver.pipe('clicks', { key: 'k', value: 0 })
    driver.pipe('buys', { key: 'k', value: 10 })
    driver.pipe('names', { key: 'k', value: 'Ken' })
    expect(values(driver, 'out')).toEqual(['Kim: score 11', 'Ken: score 11'])
  })

  it('transformValues runs once for each change, whatever follows, and its named results can be queried', () => {
    for (const name of [undefined, 'noted']) {
      const calls: (string | null)[] = []
      const s = builder()
      const noted = s.table<string>('in').transformValues<string>(
        (context) => {
          const seen = context.store<string, number>('seen')
          return (value, key) => {
            calls.push(value)
            const count = (seen.get(key) ?? 0) + 1
            if (value === null) seen.delete(key)
            else seen.put(key, count)
            return value === null ? null : `${value}${count}`
          }
        },
        { stores: { seen: {} }, ...(name === undefined ? {} : { name }) },
      )
      noted.filter((value) => !value.startsWith('n')).to('kept')
      const found = s.stream<string>('ids').join(noted)
      found.mapValues((id, value) => `${id}: ${value}`).to('found')
      const groups = noted.groupBy((value) => value).count()
      const driver = new TopologyTestDriver(groups.to('groups'))
      for (const value of ['a', 'a', 'n', null, 'a']) driver.pipe('in', { key: 'k', value })
      driver.restart()
      driver.pipe('in', { key: 'k', value: 'b' })
      driver.pipe('ids', { key: 'k', value: 'id' })
      expect(calls).toEqual(['a', 'a', 'n', null, 'a', 'b'])
      expect(values(driver, 'found')).toEqual(['id: b2'])
      const left = [...driver.store(groups.storeName as string)].filter(([, count]) => count !== 0)
      expect(left).toEqual([['b2', 1]])
      expect(noted.storeName).toBe(name)
      if (name !== undefined) expect(driver.store(name)).toEqual(new Map([['k', 'b2']]))
      expect(values(driver, 'kept')).toEqual(['a1', 'a2', null, ...(name === undefined ? [null] : []), 'a1', 'b2'])
    }
  })

  it('an object as the beginning of an aggregate is refused, as all keys would share it', () => {
    const grouped = builder().stream<Order>('orders').groupByKey()
    expect(() => grouped.aggregate({} as never, (() => 1) as never)).toThrow(
      /the initial value is an object, which all keys would share/,
    )
  })
})

describe('names', () => {
  const storesOf = (
    build: (s: StreamsBuilder) => { topology(): { subtopologies: readonly { stores: readonly { name: string }[] }[] } },
  ): string[] =>
    build(builder())
      .topology()
      .subtopologies.flatMap(({ stores }) => stores.map(({ name }) => name))

  it('come from source, key and operator, not from what is in between', () => {
    const plain = storesOf((s) =>
      s
        .stream<Order>('orders')
        .groupBy((o) => o.customerId)
        .count()
        .to('out'),
    )
    const filtered = storesOf((s) =>
      s
        .stream<Order>('orders')
        .filter((o) => o.amount > 1)
        .peek(() => undefined)
        .groupBy((o) => o.customerId)
        .count()
        .to('out'),
    )
    expect(plain).toEqual(['orders-by-customerId-count'])
    expect(filtered).toEqual(plain)
  })

  it('tell apart windows of other sizes, and count the second of the same origin', () => {
    const names = storesOf((s) => {
      const grouped = s.stream<Order>('orders').groupBy((o) => o.customerId)
      grouped.count().to('one')
      grouped.window(tumblingWindow('5m')).count().to('two')
      return grouped.count().to('three')
    })
    expect(names).toEqual([
      'orders-by-customerId-count',
      'orders-by-customerId-count-tumbling-5m',
      'orders-by-customerId-count-2',
    ])
  })

  it('given twice are refused', () => {
    const grouped = builder().stream<Order>('orders').groupByKey()
    grouped.count({ name: 'mine' })
    expect(() => grouped.count({ name: 'mine' })).toThrow(/two stores named 'mine'/)
  })

  it('one repartition serves all that need it', () => {
    const s = builder()
    const grouped = s.stream<Order>('orders').groupBy((o) => o.customerId)
    grouped.count().to('counts')
    const topology = grouped.reduce(0, (total, o) => total + o.amount).to('totals')
    expect(topology.explain({ application: 'shop' })).toBe(
      [
        "Part 0 reads 'orders'; there is one task for each partition.",
        "  topic 'shop-orders-by-customerId-repartition': repartition, because the records of a key of orders have " +
          'to meet in one task',
        "Part 1 reads 'shop-orders-by-customerId-repartition'; there is one task for each partition.",
        "  topic 'shop-orders-by-customerId-count-changelog': changelog of store 'orders-by-customerId-count', " +
          'which keeps count of orders by customerId',
        "  topic 'shop-orders-by-customerId-reduce-changelog': changelog of store 'orders-by-customerId-reduce', " +
          'which keeps reduce of orders by customerId',
      ].join('\n'),
    )
  })
})
