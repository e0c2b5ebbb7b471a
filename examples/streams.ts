// Streams: filters, branches, windows, joins and running totals; state that survives restarts, and queries of that
// state.
import { createKafkaClient, tumblingWindow } from 'kafkado'

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

const kafka = createKafkaClient('memory:')
const start = Date.UTC(2026, 0, 1)
const order = (id: string, customerId: string, amount: number, region: 'us' | 'eu', minute: number) => ({
  key: id,
  value: { id, customerId, amount, region },
  timestamp: start + minute * 60_000,
})
await kafka
  .producer<Order>('orders')
  .sendBatch([
    order('1', 'ann', 150, 'us', 0),
    order('2', 'bob', 20, 'eu', 1),
    order('3', 'ann', 70, 'us', 4),
    order('4', 'ann', 500, 'eu', 6),
  ])
await kafka
  .producer<Customer>('customers')
  .sendBatch([{ key: 'x', value: { id: 'ann', name: 'Ann' }, timestamp: start + 60_000 }])

/** Collects lines until there are enough of them. */
async function lines(count: number, run: (line: (text: string) => void) => Promise<unknown>): Promise<string> {
  const found: string[] = []
  await new Promise<void>((resolve, reject) => {
    const line = (text: string): void => {
      if (found.push(text) === count) resolve()
    }
    run(line).catch(reject)
  })
  return found.sort().join(', ')
}

// A stateless pipeline, written to a topic. The application's name is its consumer group.
const premium = await kafka
  .stream<Order>('orders')
  .filter((o) => o.amount > 100)
  .map((o) => ({ order: o, tier: 'premium' }))
  .to('high-value-orders')
  .start({ application: 'premium-orders' })
for await (const { value } of kafka.consumer<{ order: Order; tier: string }>('high-value-orders').take(2))
  console.log(value.order.id, value.tier)
//> 1 premium
//> 4 premium
await premium.close()

// Counts per customer in windows of five minutes. Without a name the application is ephemeral and removes its topics.
console.log(
  await lines(4, (line) =>
    kafka
      .stream<Order>('orders')
      .window(tumblingWindow('5m'))
      .groupBy((o) => o.customerId)
      .count()
      .forEach((key, window) => line(`${key} ${window.value} from minute ${(window.start - start) / 60_000}`))
      .start(),
  ),
)
//> ann 1 from minute 0, ann 1 from minute 5, ann 2 from minute 0, bob 1 from minute 0

// Joins orders and customers within an hour of one another. The predicate reveals the keys.
const [orders, customers] = [kafka.stream<Order>('orders'), kafka.stream<Customer>('customers')]
console.log(
  await lines(3, (line) =>
    orders
      .join(customers, { on: (o, c) => o.customerId === c.id, window: '1h' })
      .forEach((o, customer) => line(`${o.id} by ${customer.name}`))
      .start(),
  ),
)
//> 1 by Ann, 3 by Ann, 4 by Ann

// The first matching branch takes the record.
const branches = await kafka
  .stream<Order>('orders')
  .branch([
    [(o) => o.region === 'us', 'us-orders'],
    [() => true, 'other-orders'],
  ])
  .start({ application: 'branches' })
for await (const { value } of kafka.consumer<Order>('us-orders').take(2)) console.log(value.id, value.region)
//> 1 us
//> 3 us
await branches.close()

// Running totals, exactly once, in a store for queries.
const totals = kafka
  .stream<Order>('orders')
  .groupBy((o) => o.customerId)
  .reduce(0, (total, o) => total + o.amount, { name: 'totals' })
const app = await totals.to('totals').start({ application: 'totals', guarantee: 'exactly-once' })
for await (const _ of kafka.consumer('totals').take(4)) continue
console.log(await app.query<number>('totals').get('ann'), await app.query<number>('totals').get('bob'))
//> 720 20

// Lists what the application makes on the server, and why; `app.describe().mermaid` shows the same as a diagram.
console.log(app.explain())
//> Part 0 reads 'orders'; there is one task for each partition.
//>   topic 'totals-orders-by-customerId-repartition': repartition, because the records of a key of orders have to meet in one task
//> Part 1 reads 'totals-orders-by-customerId-repartition'; there is one task for each partition.
//>   topic 'totals-totals-changelog': changelog of store 'totals', which keeps reduce of orders by customerId

await kafka.close()
console.log(app.state)
//> closed
