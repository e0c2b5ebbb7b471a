// One application of ours: runs a scenario from its start and says what it took when a line comes; see
// start-application.ts. StreamsBenchmark.java does the same.
import { createInterface } from 'node:readline'
import { createKafkaClient } from 'kafkado'
import { type Startable, type Stream, type StreamsBuilder, tumblingWindow } from '@kafkado/streams'
import { type ProcessSpent, startSpending } from '../kafka/spending.ts'
import type { SampleOrder } from '../sample-records.ts'
import type { Job, Spent } from './job.ts'
import type { Customer } from './orders.ts'
import type { Scenario } from './scenarios.ts'

const job = JSON.parse(process.argv[2] ?? '') as Job

let seen = 0
let spent: (() => ProcessSpent) | undefined

const topologies: Record<
  Scenario['name'],
  (s: StreamsBuilder, orders: Stream<string | null, SampleOrder>) => Startable
> = {
  'filter and map': (_, orders) =>
    orders
      .filter(({ amount }) => amount >= 2)
      .mapValues(({ orderId, amount, items }) => ({
        orderId,
        cents: Math.round(amount * 100),
        quantity: items.reduce((sum, { quantity }) => sum + quantity, 0),
      }))
      .to(job.output),
  count: (_, orders) => orders.groupByKey().count().to(job.output),
  'windowed count': (_, orders) =>
    orders
      .groupByKey()
      .window(tumblingWindow(job.windowMs, { grace: job.graceMs }))
      .count()
      .to(job.output),
  join: (s, orders) =>
    orders
      .join(s.table<Customer>(job.table))
      .mapValues(({ orderId, amount }, { name, city }) => ({ orderId, amount, name, city }))
      .to(job.output),
}

const kafka = createKafkaClient(`kafka://${job.brokers}`)
const s = kafka.streams({
  application: job.application,
  commitInterval: job.commitIntervalMs,
  cache: job.cacheBytes,
})
const orders = s.stream<SampleOrder>(job.input).peek(() => {
  if (++seen === job.warmUpRecords) spent = startSpending()
})
const app = await topologies[job.scenario](s, orders).start()
app.on('error', ({ error }) => {
  console.error(error)
  process.exit(1)
})
const lines = createInterface({ input: process.stdin })
lines.once('line', () => {
  const took: Spent = { ...(spent?.() ?? { seconds: Number.NaN, cpuSeconds: Number.NaN }), seen }
  process.stdout.write(`${JSON.stringify(took)}\n`, () => process.exit())
})
lines.once('close', () => process.exit())
