import { setImmediate as turn } from 'node:timers/promises'
import { defineTopic, int64, json } from '@kafkado/core'
import { sessionWindow, type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'
import { take } from '../take.ts'

interface Payment {
  account: string
  amount: number
}

/** Deposits and requests come from two topics, and meet in one store. */
function accounts(s: StreamsBuilder): StreamsBuilder {
  const balances = s.addStateStore('balances', { value: int64() })
  s.stream<number>('payments').process(
    (context) => {
      const store = context.store<string | null, number>('balances')
      return (amount, account) => store.put(account, (store.get(account) ?? 0) + amount)
    },
    { stores: { balances } },
  )
  s.stream<string>('questions')
    .processValues<number>(
      (context) => {
        const store = context.store<string | null, number>('own name of it')
        return (_question, account) => context.forward(store.get(account) ?? 0)
      },
      { stores: { 'own name of it': balances } },
    )
    .to('answers')
  return s
}

describe('a store that processors share', () => {
  it('is in one task with all of them, and has one changelog', () => {
    const driver = new TopologyTestDriver(accounts)
    driver.pipe('payments', 5, { key: 'a' })
    driver.pipe('questions', '?', { key: 'a' })
    driver.pipe('questions', '?', { key: 'b' })
    driver.pipe('payments', -2, { key: 'a' })
    driver.restart()
    driver.pipe('questions', '?', { key: 'a' })
    expect(driver.read('answers').map(({ key, value }) => [key, value])).toEqual([
      ['a', 5],
      ['b', 0],
      ['a', 3],
    ])
    expect(driver.store('balances')).toEqual(new Map([['a', 3]]))
  })

  it('is refused by a name that is taken', () => {
    const build = (): unknown =>
      new TopologyTestDriver((s) => {
        s.addStateStore('balances')
        s.addStateStore('balances')
      })
    expect(build).toThrow(/there are two stores named 'balances'/)
  })
})

describe('the store of a table', () => {
  it('can be read by processors, in the same task and after a restart, and not be written to', () => {
    const refused: string[] = []
    const driver = new TopologyTestDriver((s) => {
      const prices = s.table<number>('prices')
      const sold = s.stream('sales').groupByKey().count({ name: 'sold' })
      s.stream<string>('questions')
        .processValues<unknown>(
          (context) => {
            const price = context.store<string | null, number>('price')
            const count = context.store<string | null, bigint>('sold')
            return (_question, key) => {
              for (const write of [() => price.put(key, 1), () => count.delete(key)])
                try {
                  write()
                } catch (error) {
                  refused.push((error as Error).message)
                }
              context.forward([price.get(key) ?? null, Number(count.get(key) ?? 0)])
            }
          },
          { stores: { price: prices, sold } },
        )
        .to('answers')
      prices
        .transformValues<number>(
          (context) => (price, key) => (price ?? 0) * Number(context.store<string, bigint>('sold').get(key) ?? 0),
          { stores: { sold } },
        )
        .to('turnover')
    })
    driver.pipe('prices', 5, { key: 'a' })
    driver.pipe('sales', 1, { key: 'a' })
    driver.pipe('sales', 1, { key: 'a' })
    driver.pipe('questions', '?', { key: 'a' })
    driver.restart()
    driver.pipe('questions', '?', { key: 'a' })
    driver.pipe('prices', null, { key: 'a' })
    driver.pipe('questions', '?', { key: 'a' })
    driver.pipe('prices', 4, { key: 'a' })
    expect(driver.read('answers').map(({ value }) => value)).toEqual([
      [5, 2],
      [5, 2],
      [null, 2],
    ])
    expect(driver.read('turnover').map(({ value }) => value)).toEqual([0, 0, 8])
    expect(driver.store('prices-table')).toEqual(new Map([['a', 4]]))
    expect(new Set(refused)).toEqual(
      new Set([
        "processValues: 'price' is the store of a table, which that alone writes to",
        "processValues: 'sold' is the store of a table, which that alone writes to",
      ]),
    )
  })

  it('is by window where that is so of its keys', () => {
    const driver = new TopologyTestDriver((s) => {
      const times = s.stream('in').groupByKey().window(tumblingWindow(10)).count()
      const sessions = s.stream('in').groupByKey().window(sessionWindow(5)).count()
      s.stream('questions')
        .processValues<unknown>(
          (context) => (_question, key) => {
            const found = context.windowStore<string | null, bigint>('times').fetch(key, 0, 100)
            const long = context.sessionStore<string | null, bigint>('sessions').fetch(key)
            expect(() => context.windowStore<string | null, bigint>('times').put(key, 1n, 0)).toThrow(/of a table/)
            expect(() =>
              context.sessionStore<string | null, bigint>('sessions').delete(key, { start: 0, end: 1 }),
            ).toThrow(/of a table/)
            context.forward([...found, ...long].map(({ start, end, value }) => [start, end, Number(value)]))
          },
          { stores: { times, sessions } },
        )
        .to('answers')
    })
    for (const timestamp of [1, 3, 12]) driver.pipe('in', 'x', { key: 'a', timestamp })
    driver.pipe('questions', '?', { key: 'a', timestamp: 12 })
    expect(driver.read('answers').map(({ value }) => value)).toEqual([
      [
        [0, 10, 2],
        [10, 20, 1],
        [1, 3, 2],
        [12, 12, 1],
      ],
    ])
  })

  it('is missing where the table has none, and that is said', () => {
    const build = (): unknown =>
      new TopologyTestDriver((s) => {
        const doubled = s.table<number>('prices').mapValues((price) => price * 2)
        s.stream('questions').process(() => () => {}, { stores: { doubled } })
      })
    expect(build).toThrow(/store 'doubled': the table has no store of its own; give its operator a \{ name \}/)
  })
})

describe('a global store', () => {
  it('holds what its processor makes of the topic, which only that may change', () => {
    const joined: number[] = []
    const driver = new TopologyTestDriver((s) => {
      const totals = s.addGlobalStore<string, number, Payment>(
        'payments',
        ({ store, record }) =>
          (payment) => {
            if (payment)
              store.put(`${payment.account}@${record.partition}`, payment.amount + (store.get(payment.account) ?? 0))
          },
        { name: 'totals' },
      )
      const orders = s.stream<string>('orders')
      orders
        .processValues<unknown>(
          (context) => {
            const store = context.store<string, number>('totals')
            return (value) => {
              if (value === 'put') store.put('a', 1)
              if (value === 'delete') store.delete('a')
              context.forward([...store.entries()])
            }
          },
          { stores: { totals } },
        )
        .to('output')
      orders.join(totals, { key: (account) => `${account}@0` }).forEach((_, total) => joined.push(total))
    })
    driver.pipe('payments', { account: 'a', amount: 3 })
    driver.pipe('orders', 'a', { key: 'x' })
    expect(driver.read('output').map(({ value }) => value)).toEqual([[['a@0', 3]]])
    expect(joined).toEqual([3])
    expect(() => driver.pipe('orders', 'put')).toThrow(/'totals' is a global table, which holds what its topic says/)
    expect(() => driver.pipe('orders', 'delete')).toThrow(/write to the topic/)
  })
})

describe.each(Object.entries(places))('stores of processors, %s', (_, place) => {
  it.each(['at-least-once', 'exactly-once'] as const)(
    'go on after a restart and are asked by their names, %s',
    async (guarantee) => {
      const { kafka, close } = await place()
      const answers = take<number>(kafka, 'answers')
      for (const topic of ['payments', 'questions']) await kafka.admin.createTopic(topic, { partitions: 3 })
      const keys = Array.from({ length: 20 }, (__, index) => `account-${index}`)
      for (const [round, total] of [1, 2, 3].entries()) {
        const app = await accounts(kafka.streams({ application: 'accounts', guarantee })).start()
        await Promise.all(keys.map((key) => kafka.produce('payments', 10, { key })))
        // A store found by its name has the processed records: then the requests come.
        const balances = app.query<number>('balances')
        const hasAll = async (): Promise<boolean> =>
          (await balances.entries().catch(() => [])).filter(([, value]) => value === 10 * total).length === keys.length
        while (!(await hasAll())) await turn()
        await Promise.all(keys.map((key) => kafka.produce('questions', '?', { key })))
        expect(await answers.next(keys.length)).toEqual(keys.map(() => 10 * (round + 1)))
        await app.close()
      }
      const topics = (await kafka.admin.listTopics()).map(({ name }) => name)
      expect(topics.filter((name) => name.startsWith('accounts-'))).toEqual(['accounts-balances-changelog'])
      await answers.close()
      await close()
    },
  )

  it('of all members hold a global store, made anew of its topic by the same code at each start', async () => {
    const { kafka, close } = await place()
    const rates = defineTopic('rates', { value: json<number>() })
    await kafka.admin.createTopic('orders', { partitions: 2 })
    await kafka.produce(rates, 2, { key: 'usd' })
    await kafka.produce(rates, 3, { key: 'usd' })
    const values = take<number>(kafka, 'output')
    for (const expected of [5, 5]) {
      const s = kafka.streams({ application: 'rated' })
      const sums = s.addGlobalStore<string, number, number>(rates, ({ store }) => (rate, currency) => {
        if (rate !== null && currency !== null) store.put(currency, rate + (store.get(currency) ?? 0))
      })
      s.stream<string>('orders')
        .processValues<number>(
          (context) => {
            const store = context.store<string, number>('sums')
            return (currency) => context.forward(store.get(currency) ?? 0)
          },
          { stores: { sums } },
        )
        .to('output')
      const app = await s.start()
      await kafka.produce('orders', 'usd')
      expect(await values.next(1)).toEqual([expected])
      await app.close()
    }
    await values.close()
    await close()
  })
})
