import { createStreamsBuilder } from '@kafkado/streams'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { describe, expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

interface Order {
  customerId: string
  amount: number
}
interface Customer {
  id: string
  limit: number
}

describe('a join of tables by a foreign key', () => {
  it.each(['join', 'leftJoin'] as const)('holds to all that `on` asks for: %s', (kind) => {
    const s = createStreamsBuilder(noTransport)
    const [orders, customers] = [s.table<Order>('orders'), s.table<Customer>('customers')]
    const on = (order: Order, customer: Customer): boolean =>
      order.customerId === customer.id && order.amount <= customer.limit
    const joiner = (order: Order, customer: Customer | null): string =>
      `${order.amount} of ${customer?.limit ?? 'none'}`
    const joined = kind === 'join' ? orders.join(customers, { on }, joiner) : orders.leftJoin(customers, { on }, joiner)
    joined.to('out')
    const driver = new TopologyTestDriver(s)
    const read = (): unknown[] => driver.read('out').map(({ value }) => value)
    const none = (amount: number): string | null => (kind === 'join' ? null : `${amount} of none`)
    driver.pipe('customers', { key: 'c', value: { id: 'c', limit: 10 } })
    driver.pipe('orders', { key: '1', value: { customerId: 'c', amount: 7 } })
    expect(read()).toEqual(['7 of 10'])
    driver.pipe('customers', { key: 'c', value: { id: 'c', limit: 5 } })
    expect(read()).toEqual([none(7)])
    driver.pipe('orders', { key: '1', value: { customerId: 'c', amount: 3 } })
    expect(read()).toEqual(['3 of 5'])
  })

  it('may take the foreign key from the key of a row', () => {
    const s = createStreamsBuilder(noTransport)
    const on = {
      left: (_order: Order, key: string) => key.split('/')[0],
      right: (_customer: Customer, key: string) => key,
    }
    s.table<Order>('orders')
      .join(s.table<Customer>('customers'), { on, name: 'of-customer' }, (order, customer) => [
        order.amount,
        customer.limit,
      ])
      .to('out')
    const driver = new TopologyTestDriver(s)
    driver.pipe('orders', { key: 'c/1', value: { customerId: 'x', amount: 7 } })
    driver.pipe('orders', { key: 'd/1', value: { customerId: 'c', amount: 8 } })
    driver.pipe('customers', { key: 'c', value: { id: 'x', limit: 10 } })
    expect(driver.read('out').map(({ key, value }) => [key, value])).toEqual([['c/1', [7, 10]]])
  })
})

describe('a join of streams', () => {
  it('may take what belongs together from the keys of records', () => {
    const s = createStreamsBuilder(noTransport)
    const on = {
      left: (_order: Order, key: string | null) => key?.split('/')[0],
      right: (customer: Customer) => customer.id,
    }
    s.stream<Order>('orders')
      .join(s.stream<Customer>('customers'), { on, window: 10 })
      .mapValues(({ amount }, { limit }) => [amount, limit])
      .to('out')
    const driver = new TopologyTestDriver(s)
    driver.pipe('orders', { key: 'c/1', value: { customerId: 'x', amount: 7 } })
    driver.pipe('customers', { value: { id: 'c', limit: 10 } })
    expect(driver.read('out').map(({ key, value }) => [key, value])).toEqual([['c', [7, 10]]])
  })
})
