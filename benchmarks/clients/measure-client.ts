// One run of a client in a process of its own: produces, consumes, and does the JSON alone.
import { performance } from 'node:perf_hooks'
import { memory } from '@kafkado/broker'
import { http, type Transport } from '@kafkado/core'
import { createConsumer } from '@kafkado/consumer'
import { createProducer } from '@kafkado/producer'
import { sampleOrder, type SampleOrder } from '../sample-records.ts'

export interface Spent {
  readonly recordsPerSecond: number
  /** Of this process, in seconds for a million records. */
  readonly cpuSeconds: number
}

export type ClientMeasurement = Readonly<Record<'stringify' | 'produce' | 'consume' | 'parse', Spent>>

const [url = '', count = '200000'] = process.argv.slice(2)
const records = Number(count)
const orders = Array.from({ length: 1000 }, (_, index) => sampleOrder(index))
const texts = orders.map((order) => JSON.stringify(order))
const transport: Transport = url ? http({ url }) : memory()

async function spent(act: () => Promise<void> | void): Promise<Spent> {
  const before = process.cpuUsage()
  const startedMs = performance.now()
  await act()
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(before)
  return { recordsPerSecond: records / seconds, cpuSeconds: (user + system) / records }
}

async function produce(topic: string): Promise<void> {
  const producer = createProducer<SampleOrder>(transport, topic)
  for (let index = 0; index < records; index++) {
    void producer.send(orders[index % orders.length] as SampleOrder)
    // Now and then, as awaiting each time costs more than it holds back.
    if (index % 100 === 0) await producer.ready()
  }
  await producer.close()
}

async function consume(topic: string): Promise<void> {
  let sum = 0
  for await (const { value } of createConsumer<SampleOrder>(transport, topic, { group: `bench-${topic}` }).take(
    records,
  ))
    sum += value.amount
  if (!Number.isFinite(sum)) throw new Error('what was read is not what was written')
}

// The first time only warms up.
await produce('warm-up')
await consume('warm-up')
const measured: ClientMeasurement = {
  produce: await spent(() => produce('orders')),
  consume: await spent(() => consume('orders')),
  stringify: await spent(() => {
    let length = 0
    for (let index = 0; index < records; index++) length += JSON.stringify(orders[index % orders.length]).length
    if (length === 0) throw new Error('nothing was written')
  }),
  parse: await spent(() => {
    let sum = 0
    for (let index = 0; index < records; index++)
      sum += (JSON.parse(texts[index % texts.length] as string) as SampleOrder).amount
    if (!Number.isFinite(sum)) throw new Error('nothing was read')
  }),
}
await transport.close()
console.log(JSON.stringify(measured))
