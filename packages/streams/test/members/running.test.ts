import { setImmediate as turn } from 'node:timers/promises'
import { defineTopic, type KafkaError } from '@kafkado/core'
import { keyValue, type StreamsApp, tumblingWindow } from '@kafkado/streams'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../../../../tests/clients/client-places.ts'
import { take } from '../take.ts'

interface Order {
  customerId: string
  amount: number
}

describe.each(Object.entries(places))('a running application, %s', (_, place) => {
  let client: ClientUnderTest
  const apps: StreamsApp[] = []
  const run = async (app: Promise<StreamsApp>): Promise<StreamsApp> => {
    const started = await app
    apps.push(started)
    return started
  }

  beforeEach(async () => {
    client = await place()
  })

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()))
    await client.close()
  })

  /** Resolves with the error that ended the application. */
  const failureOf = (app: StreamsApp): Promise<KafkaError> =>
    new Promise((resolve) => app.on('error', ({ error }) => resolve(error as KafkaError)))

  it('fails with the record that it could not process, and has committed nothing of it', async () => {
    const { kafka } = client
    const app = await run(
      kafka
        .stream<Order>('orders')
        .map((o) => {
          if (o.amount < 0) throw new Error('negative')
          return o.amount
        })
        .to('amounts')
        .start({ application: 'failing' }),
    )
    const failure = failureOf(app)
    const states: string[] = []
    app.on('state', ({ state }) => states.push(state))
    await kafka.produce('orders', { customerId: 'a', amount: 1 })
    await kafka.produce('orders', { customerId: 'a', amount: -1 })
    const error = await failure
    expect(error).toMatchObject({ code: 'PROCESSING_FAILED', retriable: false, outcome: 'failed' })
    expect(error.message).toMatch(
      /^task 0_0: topic 'orders' partition 0 offset 1: operator 'map': processing failed: negative$/,
    )
    expect(app.state).toBe('failed')
    expect(app.error).toBe(error)
    expect(states.at(-1)).toBe('failed')
    expect((await kafka.admin.describeGroup('failing')).offsets[0]?.committed ?? 0).toBeLessThan(2)
  })

  it('tells who started it, and nobody else, of what ends it before it has started', async () => {
    const { kafka, faults } = client
    await kafka.admin.createTopic('orders', { partitions: 1 })
    faults.failNext('initProducerId', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    const starting = kafka
      .stream<Order>('orders')
      .groupByKey()
      .count({ name: 'counts' })
      .toStream()
      .to('amounts')
      .start({ application: 'refused', guarantee: 'exactly-once' })
    await expect(starting).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    // An uncaught error would come now, and end the test run.
    await turn()
  })

  it('hands on the bytes of values that operators only choose and key, and writes anew what they may have changed', async () => {
    const { kafka } = client
    const orders = kafka.stream<Order>('orders')
    orders
      .filter((o) => o.amount > 0)
      .selectKey((o) => o.customerId)
      .to('chosen')
    const written = orders
      .filter((o) => o.amount > 0)
      .peek((o) => (o.amount *= 2))
      .to('doubled')
    await run(written.start({ application: 'bytes' }))
    const spaced = '{ "customerId": "a",  "amount": 2 }'
    await kafka.producer('orders').sendRaw(new TextEncoder().encode(spaced), { key: 'k' })
    const [chosen, doubled] = [take<Order>(kafka, 'chosen'), take<Order>(kafka, 'doubled')]
    const [[asItWas], [anew]] = await Promise.all([chosen.records(1), doubled.records(1)])
    expect([asItWas?.key, new TextDecoder().decode(asItWas?.rawValue as Uint8Array)]).toEqual(['a', spaced])
    expect(new TextDecoder().decode(anew?.rawValue as Uint8Array)).toBe('{"customerId":"a","amount":4}')
    await Promise.all([chosen.close(), doubled.close()])
  })

  it('skips what cannot be processed or read, or puts it aside with the reason', async () => {
    const { kafka } = client
    const orders = defineTopic<'json', 'string'>('orders')
    const app = await run(
      kafka
        .stream<Order>('orders')
        .mapValues(({ amount }) => amount.toFixed(1))
        .to('amounts')
        .start({ application: 'careful', onError: { deadLetter: 'orders-aside' }, commitInterval: 20 }),
    )
    const [amounts, aside] = [take<string>(kafka, 'amounts'), take<unknown>(kafka, 'orders-aside')]
    await kafka.producer(orders).sendRaw(new TextEncoder().encode('{broken'), { key: 'k1', headers: { trace: 'x' } })
    await kafka.produce('orders', { customerId: 'a' }, { key: 'k2' })
    await kafka.produce('orders', { customerId: 'a', amount: 2 }, { key: 'k3' })
    expect(await amounts.next(1)).toEqual(['2.0'])
    const [unreadable, unprocessed] = await aside.records(2)
    expect(unreadable?.headers).toMatchObject({ trace: 'x', 'original-topic': 'orders', 'original-offset': '0' })
    expect(unreadable?.headers['error']).toMatch(/the value is not valid/)
    expect(unprocessed?.headers['error']).toMatch(/toFixed/)
    const [task] = await app.tasks()
    expect(task).toMatchObject({ failed: { deserialization: 1, processing: 1 }, processed: 3, dropped: { invalid: 1 } })
    await Promise.all([amounts.close(), aside.close()])
  })

  it('names both topics that are joined and have other numbers of partitions', async () => {
    const { kafka } = client
    await kafka.admin.createTopic('orders', { partitions: 3 })
    await kafka.admin.createTopic('customers', { partitions: 2 })
    const s = kafka.streams({ application: 'uneven' })
    const topology = s.stream<Order>('orders').join(s.table('customers'))
    void topology.map((order) => order).to('out')
    await expect(s.start()).rejects.toThrow(/'orders' has 3 and 'customers' has 2: .*repartition\(\{ partitions/)
    const even = kafka.streams({ application: 'even' })
    even
      .stream<Order>('orders')
      .repartition({ partitions: 2 })
      .join(even.table<{ name: string }>('customers'))
      .map((order: Order) => order.amount)
      .to('out')
    await run(even.start())
    await kafka.produce('customers', { name: 'Ann' }, { key: 'a' })
    await kafka.produce('orders', { customerId: 'a', amount: 3 }, { key: 'a', timestamp: Date.now() + 1000 })
    const out = take<number>(kafka, 'out')
    expect(await out.next(1)).toEqual([3])
    await out.close()
  })

  it('joins by a foreign key over partitions', async () => {
    const { kafka } = client
    await kafka.admin.createTopic('orders', { partitions: 3 })
    await kafka.admin.createTopic('customers', { partitions: 4 })
    const s = kafka.streams({ application: 'foreign', commitInterval: 20, guarantee: 'exactly-once' })
    const orders = s.table<Order>('orders')
    const customers = s.table<{ id: string; name: string }>('customers')
    orders
      .leftJoin(customers, { on: (o, c) => o.customerId === c.id }, (o, c) => `${o.amount} of ${c?.name ?? 'nobody'}`)
      .to('named')
    await run(s.start())
    const named = take<string | null>(kafka, 'named')
    const latest = new Map<string, string | null>()
    const until = async (expected: Record<string, string | null>): Promise<void> => {
      while (Object.entries(expected).some(([key, value]) => latest.get(key) !== value)) {
        const [record] = await named.records(1)
        latest.set(record?.key ?? '', record?.value ?? null)
      }
    }
    for (let id = 0; id < 12; id++)
      await kafka.produce('orders', { customerId: `c${id % 3}`, amount: id }, { key: `o${id}` })
    await until(Object.fromEntries(Array.from({ length: 12 }, (__, id) => [`o${id}`, `${id} of nobody`])))
    await kafka.produce('customers', { id: 'c1', name: 'Ann' }, { key: 'c1' })
    await until({ o1: '1 of Ann', o4: '4 of Ann', o7: '7 of Ann', o10: '10 of Ann' })
    await kafka.produce('orders', { customerId: 'c2', amount: 1 }, { key: 'o1' })
    await until({ o1: '1 of nobody' })
    await kafka.produce('orders', null, { key: 'o4' })
    await until({ o4: null })
    await named.close()
  })

  it('maps asynchronously, commits what has ended, and keeps each result once', async () => {
    const { kafka } = client
    await kafka.admin.createTopic('numbers', { partitions: 2 })
    let running = 0
    let most = 0
    await run(
      kafka
        .stream<number>('numbers')
        .mapAsync(
          async (number) => {
            most = Math.max(most, ++running)
            await Promise.resolve()
            running--
            return number * 2
          },
          { concurrency: 8 },
        )
        .to('doubled')
        .start({ application: 'async', guarantee: 'exactly-once' }),
    )
    const doubled = take<number>(kafka, 'doubled')
    await Promise.all(
      Array.from({ length: 200 }, (__, number) => kafka.produce('numbers', number, { key: `${number}` })),
    )
    const found = await doubled.next(200)
    expect(found.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 200 }, (__, number) => number * 2))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(16)
    await doubled.close()
  })

  it('hands on a window once when it is closed, and punctuates', async () => {
    const { kafka } = client
    const s = kafka.streams({ application: 'final', commitInterval: 20 })
    const readings = s.stream<number>('readings')
    readings
      .groupByKey()
      .window(tumblingWindow('1m', { emit: 'final' }))
      .count()
      .toStream()
      .map((count, { key, start }) => keyValue(key, { count, start }))
      .to('counts')
    readings
      .process<string, number>((context) => {
        let seen = 0
        context.schedule('1m', 'stream-time', (time) => context.forward(`at ${time}`, seen, time))
        return () => seen++
      })
      .to('seen')
    await run(s.start())
    const counts = take<{ count: number; start: number }>(kafka, 'counts')
    const seen = take<number>(kafka, 'seen')
    for (const timestamp of [0, 1000, 59_999, 60_000, 200_000])
      await kafka.produce('readings', 1, { key: 'k', timestamp })
    expect(await counts.next(2)).toEqual([
      { count: 3, start: 0 },
      { count: 1, start: 60_000 },
    ])
    expect((await seen.records(3)).map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
      ['at 0', 1, 0],
      ['at 60000', 4, 60_000],
      ['at 200000', 5, 200_000],
    ])
    await Promise.all([counts.close(), seen.close()])
  })

  it('commits what a punctuation by the clock has forwarded, without a record', async () => {
    const { kafka } = client
    await run(
      kafka
        .stream('ticks')
        .process<string, number>((context) => {
          let count = 0
          context.schedule('20ms', 'wall-clock', () => context.forward('tick', ++count, 1))
          return () => undefined
        })
        .to('counted')
        .start({ application: 'clock', guarantee: 'exactly-once', commitInterval: 10 }),
    )
    const counted = take<number>(kafka, 'counted')
    expect(await counted.next(3)).toEqual([1, 2, 3])
    await counted.close()
  })

  it('goes on after requests that failed, and leaves the group when it is closed', async () => {
    const { kafka, faults } = client
    const app = await run(
      kafka
        .stream<Order>('orders')
        .groupBy((o) => o.customerId)
        .reduce(0, (total, o) => total + o.amount)
        .to('totals')
        .start({ application: 'steady', guarantee: 'exactly-once' }),
    )
    const totals = take<number>(kafka, 'totals')
    const order = (amount: number): Promise<unknown> => kafka.produce('orders', { customerId: 'a', amount })
    await order(1)
    expect(await totals.next(1)).toEqual([1])
    faults.failNext('txnOffsetCommit', 'UNKNOWN_MEMBER_ID')
    await order(2)
    expect(await totals.next(1)).toEqual([3])
    faults.failNext('endTxn', 'INVALID_PRODUCER_EPOCH')
    await order(4)
    expect(await totals.next(1)).toEqual([7])
    expect(app.state).toBe('running')
    await app.close()
    expect((await kafka.admin.describeGroup('steady')).members).toEqual([])
    await totals.close()
  })
})
