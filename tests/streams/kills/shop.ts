import type { StreamsBuilder } from '@kafkado/streams'

export const application = 'shop'
export const inputs = ['shop.orders', 'shop.customers', 'shop.payments'] as const
/** Traffic of this moment, which never ends while old records are worked off. */
export const visits = 'shop.visits'
export const visited = 'shop.visited'
export const outputs = ['shop.totals', 'shop.named', 'shop.paid', visited] as const

export interface Order {
  id: string
  customer: string
  amount: number
}

export interface Customer {
  name: string
}

export interface Payment {
  id: string
  order: string
}

/**
 * An application as users write them: sums by another key, rows with the names of other rows, and pairs of records that
 * belong together.
 */
export default function shop(s: StreamsBuilder): void {
  const orders = s.stream<Order>('shop.orders')
  orders
    .groupBy((order) => order.customer)
    .reduce(0, (total, order) => total + order.amount, { name: 'totals' })
    .to('shop.totals')
  orders
    .toTable({ name: 'orders' })
    .join(
      s.table<Customer>('shop.customers', { name: 'customers' }),
      { on: { left: (order: Order) => order.customer, right: () => null } },
      ({ amount }: Order, { name }: Customer) => `${name} ${amount}`,
    )
    .to('shop.named')
  s.stream<Payment>('shop.payments')
    // Tasks that read at their own pace bring old records late to those behind the repartition.
    .join(orders, { on: { left: (one) => one.order, right: (one) => one.id }, window: '1h', grace: '30d' })
    .map((payment, order) => `${payment.id} ${order.id}`)
    .to('shop.paid')
  s.stream<number>(visits)
    .mapValues((visit) => visit)
    .to(visited)
}
