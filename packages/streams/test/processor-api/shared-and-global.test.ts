import { setImmediate as turn } from 'node:timers/promises'
import { defineTopic, int64, json } from '@kafkado/core'
import type { StreamsBuilder } from '@kafkado/streams'
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
