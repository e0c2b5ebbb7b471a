import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StreamsApp, type StreamsBuilder, type StreamsOptions, tumblingWindow } from '@kafkado/streams'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../../../../tests/clients/client-places.ts'
import { take } from '../take.ts'

interface Order {
  customerId: string
  amount: number
}

describe.each(Object.entries(places))('state over restarts, %s', (_, place) => {
  let client: ClientUnderTest
  let folder: string

  beforeEach(async () => {
    client = await place()
    folder = await mkdtemp(join(tmpdir(), 'kafkado-state-'))
    await client.kafka.admin.createTopic('orders', { partitions: 2 })
  })

  afterEach(async () => {
    await client.close()
    await rm(folder, { recursive: true, force: true })
  })

  const order = (customerId: string, amount: number): Promise<unknown> =>
    client.kafka.produce('orders', { customerId, amount }, { key: customerId })

  /** Runs an application until `count` more records are in `totals`. */
  const totals = async (
    build: (s: StreamsBuilder) => unknown,
    options: StreamsOptions,
    act: (app: StreamsApp) => Promise<unknown>,
  ): Promise<void> => {
    const s = client.kafka.streams({ application: 'shop', commitInterval: 20, ...options })
    build(s)
    const app = await s.start()
    await act(app)
    await app.close()
  }

  const summed = (s: StreamsBuilder): unknown =>
    s
      .stream<Order>('orders')
      .groupBy((o) => o.customerId)
      .reduce(0, (total, o) => total + o.amount)
      .to('totals')

  const summedAfterFilter = (s: StreamsBuilder): unknown =>
    s
      .stream<Order>('orders')
      .filter((o) => o.amount > 0)
      .peek(() => undefined)
      .groupBy((o) => o.customerId)
      .reduce(0, (total, o) => total + o.amount)
      .to('totals')

  for (const [kind, withFolder] of [
    ['memory', false],
    ['a folder', true],
  ] as const) {
    it(`goes on with what it had, in ${kind}, also when a filter was added`, async () => {
      const options: StreamsOptions = withFolder ? { stateDirectory: folder, guarantee: 'exactly-once' } : {}
      const values = take<number>(client.kafka, 'totals')
      await totals(summed, options, async () => {
        await order('a', 5)
        await order('b', 7)
        expect(new Set(await values.next(2))).toEqual(new Set([5, 7]))
      })
      await totals(summedAfterFilter, options, async () => {
        await order('a', 10)
        await order('a', -3)
        await order('b', 1)
        expect(new Set(await values.next(2))).toEqual(new Set([15, 8]))
      })
      await values.close()
    })
  }

  it('reads only the end of the changelog when its folder has the rest', async () => {
    const values = take<number>(client.kafka, 'totals')
    const options: StreamsOptions = { stateDirectory: folder }
    await totals(summed, options, async () => {
      for (let amount = 1; amount <= 100; amount++) await order(`customer-${amount}`, amount)
      await values.next(100)
    })
    const before = client.requests.length
    const s = client.kafka.streams({ application: 'shop', ...options })
    summed(s)
    const app = await s.start()
    await order('customer-7', 1)
    expect(await values.next(1)).toEqual([8])
    expect(await app.query<number>('orders-by-customerId-reduce').get('customer-100')).toBe(100)
    const fetches = client.requests.slice(before).filter(({ operation }) => operation === 'fetch')
    expect(JSON.stringify(fetches)).not.toContain('-changelog')
    await app.close()
    await values.close()
  })

  it('reads what others have added since, when its folder has an older state', async () => {
    const values = take<number>(client.kafka, 'totals')
    const inFolder: StreamsOptions = { stateDirectory: folder }
    // The second run is as if on another machine.
    for (const [options, amount, expected] of [
      [inFolder, 5, 5],
      [{}, 10, 15],
      [inFolder, 1, 16],
    ] as const) {
      await totals(summed, options, async () => {
        await order('a', amount)
        expect(await values.next(1)).toEqual([expected])
      })
    }
    await values.close()
  })

  it('keeps nothing in its folder of a transaction that was not committed', async () => {
    const values = take<number>(client.kafka, 'totals')
    const options: StreamsOptions = { stateDirectory: folder, stateFlushInterval: 1, guarantee: 'exactly-once' }
    // In one task, so that the failing end is that of the transaction with the state.
    const byKey = (s: StreamsBuilder): unknown =>
      s
        .stream<Order>('orders')
        .groupByKey()
        .reduce(0, (total, o) => total + o.amount)
        .to('totals')
    await totals(byKey, options, async () => {
      await order('a', 5)
      expect(await values.next(1)).toEqual([5])
      for (const amount of [10, 20]) {
        client.faults.failNext('endTxn', 'INVALID_PRODUCER_EPOCH')
        await order('a', amount)
        expect(await values.next(1)).toEqual([amount === 10 ? 15 : 35])
      }
    })
    await values.close()
  })

  it('refuses to start when a store was renamed, names what would be lost, and drops it when told to', async () => {
    const named = (name: string) => (s: StreamsBuilder) =>
      s
        .stream<Order>('orders')
        .groupByKey()
        .reduce(0, (total, o) => total + o.amount, { name })
        .to('totals')
    const values = take<number>(client.kafka, 'totals')
    await totals(named('totals-by-customer'), { planFile: join(folder, 'shop.plan.json') }, async () => {
      await order('a', 5)
      await values.next(1)
    })
    const plan = JSON.parse(await readFile(join(folder, 'shop.plan.json'), 'utf8')) as { stores: { name: string }[] }
    expect(plan.stores.map(({ name }) => name)).toEqual(['totals-by-customer'])

    const renamed = client.kafka.streams({ application: 'shop', planFile: join(folder, 'shop.plan.json') })
    named('sums')(renamed)
    await expect(renamed.start()).rejects.toThrow(
      /would lose state: store 'totals-by-customer' \(reduce of orders\), in topic 'shop-totals-by-customer-changelog'.*now 'sums'.*dropState: \['totals-by-customer'\]/,
    )
    // Without the plan, the topics themselves tell.
    const withoutPlan = client.kafka.streams({ application: 'shop' })
    named('sums')(withoutPlan)
    await expect(withoutPlan.start()).rejects.toThrow(/store 'totals-by-customer'/)

    await totals(named('sums'), { dropState: ['totals-by-customer'] }, async () => {
      await order('a', 6)
      expect(await values.next(1)).toEqual([6])
    })
    const topics = (await client.kafka.admin.listTopics()).map(({ name }) => name)
    expect(topics).toContain('shop-sums-changelog')
    expect(topics).not.toContain('shop-totals-by-customer-changelog')
    await values.close()
  })

  it('refuses to read a store that was of other windows, and makes it anew when told to', async () => {
    const counted = (size: '1m' | '1h') => (s: StreamsBuilder) =>
      s
        .stream<Order>('orders')
        .groupByKey()
        .window(tumblingWindow(size))
        .count({ name: 'counts' })
        .toStream()
        .mapValues((count, { start, end }) => `${count} in ${end - start}`)
        .to('counts')
    const values = take<string>(client.kafka, 'counts')
    await totals(counted('1m'), { stateDirectory: folder }, async () => {
      await order('a', 5)
      expect(await values.next(1)).toEqual(['1 in 60000'])
    })
    const other = client.kafka.streams({ application: 'shop', stateDirectory: folder })
    counted('1h')(other)
    await expect(other.start()).rejects.toThrow(/store 'counts' was something else.*dropState: \['counts'\]/)
    await totals(counted('1h'), { stateDirectory: folder, dropState: ['counts'] }, async () => {
      await order('a', 5)
      expect(await values.next(1)).toEqual(['1 in 3600000'])
    })
    await values.close()
  })

  it.each([
    ['memory', false],
    ['a folder', true],
  ])(
    'a join whose grace became shorter meets none of what it has kept for longer, in %s',
    async (_kind, withFolder) => {
      for (const topic of ['left', 'right']) await client.kafka.admin.createTopic(topic, { partitions: 1 })
      const joined = (grace: '1h' | '0s') => (s: StreamsBuilder) =>
        s
          .stream<string>('left')
          .join(s.stream<string>('right'), { window: '5s', grace })
          .mapValues((left, right) => `${left}+${right}`)
          .to('pairs')
      const piped = (topic: string, key: string, value: string, second: number): Promise<unknown> =>
        client.kafka.produce(topic, value, { key, timestamp: second * 1000 })
      const options: StreamsOptions = withFolder ? { stateDirectory: folder } : {}
      const values = take<string>(client.kafka, 'pairs')
      await totals(joined('1h'), options, async () => {
        await piped('left', 'k', 'old', 10)
        await piped('left', 'n', 'new', 100)
        await piped('right', 'k', 'r0', 11)
        expect(await values.next(1)).toEqual(['old+r0'])
      })
      await totals(joined('0s'), options, async () => {
        await piped('right', 'k', 'r1', 12)
        await piped('right', 'n', 'r2', 101)
        expect(await values.next(1)).toEqual(['new+r2'])
      })
      await values.close()
    },
  )

  it('removes what an ephemeral application made on the server', async () => {
    const values = take<number>(client.kafka, 'totals')
    await totals(summed, { application: undefined }, async () => {
      await order('a', 5)
      await values.next(1)
      expect((await client.kafka.admin.listTopics()).length).toBeGreaterThan(3)
    })
    expect((await client.kafka.admin.listTopics()).map(({ name }) => name)).toEqual(['orders', 'totals'])
    expect(await client.kafka.admin.listGroups()).toEqual([])
    await values.close()
  })
})
