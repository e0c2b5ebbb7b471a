import { type StreamsApp, type StreamsOptions, tumblingWindow } from '@kafkado/streams'
import type { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OrderLine, realOrders } from './real-orders.ts'

type Order = OrderLine
interface Customer {
  id: string
  country: string
}

/** Where the examples run: a client, of which nothing is left when it is closed. */
export type ExamplePlace = () => Promise<{ readonly kafka: KafkaClient; close(): Promise<void> }>

const cents = (amount: number): number => Math.round(amount * 100)

/**
 * Resolves with the map as soon as it is as expected; else the test runs into its timeout, and says what is missing.
 */
function collected<V>(expected: ReadonlyMap<string, V>): { set(key: string, value: V): void; done: Promise<void> } {
  const missing = new Map(expected)
  let resolve!: () => void
  const done = new Promise<void>((resolved) => (resolve = resolved))
  return {
    done,
    set(key, value) {
      if (expected.get(key) === value) missing.delete(key)
      else missing.set(key, expected.get(key) as V)
      if (missing.size === 0) resolve()
    },
  }
}

/** @param options for every application */
export function describeApiExamples(name: string, place: ExamplePlace, options: StreamsOptions = {}): void {
  describe(`the examples of the interface on real orders, ${name}`, () => {
    const orders = realOrders()
    let client: Awaited<ReturnType<ExamplePlace>>
    let kafka: KafkaClient
    let app: StreamsApp | undefined

    beforeEach(async () => {
      client = await place()
      ;({ kafka } = client)
      await kafka.admin.createTopic('orders', { partitions: 3 })
      const producer = kafka.producer<Order>('orders')
      await producer.sendBatch(orders.map((value) => ({ key: value.orderId, value, timestamp: value.time })))
    })

    afterEach(async () => {
      await app?.close()
      await client.close()
    })

    it('premium orders', async () => {
      app = await kafka
        .stream<Order>('orders')
        .filter((o) => o.amount > 100)
        .map((o) => ({ order: o, tier: 'premium' }))
        .to('high-value-orders')
        .start({ ...options, application: 'premium-orders' })
      const expected = orders.filter(({ amount }) => amount > 100)
      const found = await takeValues<{ order: Order; tier: string }>(kafka, 'high-value-orders', expected.length)
      expect(found.every(({ tier }) => tier === 'premium')).toBe(true)
      expect(found.map(({ order }) => JSON.stringify(order)).sort()).toEqual(
        expected.map((order) => JSON.stringify(order)).sort(),
      )
    })

    it('5-minute counts per customer', async () => {
      const expected = new Map<string, number>()
      for (const { customerId, time } of orders) {
        const key = `${customerId} ${Math.floor(time / 300_000) * 300_000}`
        expected.set(key, (expected.get(key) ?? 0) + 1)
      }
      const counts = collected(expected)
      app = await kafka
        .stream<Order>('orders')
        .window(tumblingWindow('5m'))
        .groupBy((o) => o.customerId)
        .count()
        .forEach((key, window) => {
          expect(window.end - window.start).toBe(300_000)
          counts.set(`${key} ${window.start}`, window.value)
        })
        .start({ ...options, application: 'counts' })
      await counts.done
      expect((await app.tasks()).flatMap(({ dropped }) => Object.entries(dropped))).toEqual([])
    })

    it('orders joined with customers', async () => {
      const countries = new Map(orders.map(({ customerId, country }) => [customerId, country]))
      const customers = kafka.producer<Customer>('customers')
      // A customer is told of at the time of each first order of a day.
      const days = new Map(orders.map((o) => [`${o.customerId} ${Math.floor(o.time / 86_400_000)}`, o]))
      await customers.sendBatch(
        [...days.values()].map(({ customerId: id, time }) => ({
          key: `row of ${id}`,
          value: { id, country: countries.get(id) ?? '' },
          timestamp: time,
        })),
      )
      const expected = new Map<string, number>()
      for (const order of orders)
        for (const { customerId, time } of days.values())
          if (customerId === order.customerId && Math.abs(order.time - time) <= 3_600_000)
            expected.set(order.orderId + order.product, (expected.get(order.orderId + order.product) ?? 0) + 1)
      const pairs = new Map<string, number>()
      const found = collected(expected)
      const [orderStream, customerStream] = [kafka.stream<Order>('orders'), kafka.stream<Customer>('customers')]
      app = await orderStream
        .join(customerStream, { on: (o, c) => o.customerId === c.id, window: '1h' })
        .forEach((order, customer) => {
          expect(customer.id).toBe(order.customerId)
          const key = order.orderId + order.product
          pairs.set(key, (pairs.get(key) ?? 0) + 1)
          found.set(key, pairs.get(key) as number)
        })
        .start({ ...options, application: 'joined' })
      await found.done
      expect(pairs).toEqual(expected)
    })

    it('branches per country', async () => {
      const counts = Map.groupBy(orders, (order) => order.country)
      // The second most frequent one: the most frequent one of the real orders is nearly all.
      const [, second] = [...counts].toSorted(([, one], [, other]) => other.length - one.length)
      const [chosen, own] = second ?? ['', []]
      app = await kafka
        .stream<Order>('orders')
        .branch([
          [(o) => o.country === chosen, 'chosen-orders'],
          [() => true, 'other-orders'],
        ])
        .start({ ...options, application: 'branches' })
      const [inside, elsewhere] = await Promise.all([
        takeValues<Order>(kafka, 'chosen-orders', own.length),
        takeValues<Order>(kafka, 'other-orders', orders.length - own.length),
      ])
      expect(own.length).toBeGreaterThan(5)
      expect(inside.map((o) => JSON.stringify(o)).sort()).toEqual(own.map((o) => JSON.stringify(o)).sort())
      expect(elsewhere.some(({ country }) => country === chosen)).toBe(false)
    })

    it('running totals per customer', async () => {
      const expected = new Map<string, number>()
      for (const { customerId, amount } of orders)
        expected.set(customerId, (expected.get(customerId) ?? 0) + cents(amount))
      const totals = collected(expected)
      app = await kafka
        .stream<Order>('orders')
        .groupBy((o) => o.customerId)
        .reduce(0, (total, o) => total + cents(o.amount))
        .forEach((id, total) => totals.set(id, total))
        .start({ ...options, application: 'totals' })
      await totals.done
      const [id = '', total] = [...expected][0] ?? []
      expect(await app.query('orders-by-customerId-reduce').get(id)).toBe(total)
    })
  })
}

async function takeValues<V>(kafka: KafkaClient, topic: string, count: number): Promise<V[]> {
  const values: V[] = []
  for await (const { value } of kafka.consumer<V>(topic, {}).take(count)) values.push(value)
  return values
}
