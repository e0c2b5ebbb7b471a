// One run of a client in a process of its own: produces and consumes in several ways, and does the JSON alone.
import { performance } from 'node:perf_hooks'
import { memory } from '@kafkado/broker'
import { http, type Transport } from '@kafkado/core'
import { type Consumer, createConsumer } from '@kafkado/consumer'
import { createProducer, type Producer } from '@kafkado/producer'
import { sampleOrder, type SampleOrder } from '../sample-records.ts'
import { type ClientMeasurement, type Spent, waysToConsume, waysToProduce } from './ways.ts'

const [url = '', count = '200000'] = process.argv.slice(2)
const records = Number(count)
/** As many as a caller may have at hand when it calls `sendBatch`. */
const sentTogether = 500
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

const order = (index: number): SampleOrder => orders[index % orders.length] as SampleOrder

async function oneByOne(producer: Producer<SampleOrder>, send: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < records; index++) {
    void send(index)
    // Now and then, as awaiting each time costs more than it holds back.
    if (index % 100 === 0) await producer.ready()
  }
}

const headers = { trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-01', source: 'shop' }
const produceBy: Record<(typeof waysToProduce)[number], (producer: Producer<SampleOrder>) => Promise<void>> = {
  send: (producer) => oneByOne(producer, (index) => producer.send(order(index))),
  async sendBatch(producer) {
    for (let index = 0; index < records; index += sentTogether) {
      void producer.sendBatch(Array.from({ length: sentTogether }, (_, at) => order(index + at)))
      await producer.ready()
    }
  },
  'send with a key': (producer) =>
    oneByOne(producer, (index) => producer.send(order(index), { key: order(index).customer })),
  'send with headers': (producer) => oneByOne(producer, (index) => producer.send(order(index), { headers })),
}

async function produce(topic: string, way: (typeof waysToProduce)[number]): Promise<void> {
  const producer = createProducer<SampleOrder>(transport, topic)
  await produceBy[way](producer)
  await producer.close()
}

const consumeBy: Record<(typeof waysToConsume)[number], (consumer: Consumer<SampleOrder>) => Promise<number>> = {
  async 'one by one'(consumer) {
    let sum = 0
    for await (const { value } of consumer.take(records)) sum += value.amount
    return sum
  },
  async batches(consumer) {
    let [sum, read] = [0, 0]
    for await (const batch of consumer.batches({ size: 1000, timeout: '50ms' })) {
      for (const { value } of batch) sum += value.amount
      read += batch.size
      if (read >= records) break
    }
    return sum
  },
}

async function consume(topic: string, way: (typeof waysToConsume)[number]): Promise<void> {
  const sum = await consumeBy[way](createConsumer<SampleOrder>(transport, topic, { group: `bench-${topic}-${way}` }))
  if (!(sum > 0)) throw new Error('what was read is not what was written')
}

function stringify(): void {
  let length = 0
  for (let index = 0; index < records; index++) length += JSON.stringify(order(index)).length
  if (length === 0) throw new Error('nothing was written')
}

function parse(): void {
  let sum = 0
  for (let index = 0; index < records; index++)
    sum += (JSON.parse(texts[index % texts.length] as string) as SampleOrder).amount
  if (!Number.isFinite(sum)) throw new Error('nothing was read')
}

// The first time only warms up, in every way.
for (const way of waysToProduce) await produce('warm-up', way)
for (const way of waysToConsume) await consume('warm-up', way)
stringify()
parse()
const measured: Partial<Record<keyof ClientMeasurement, Spent>> = {
  stringify: await spent(stringify),
  parse: await spent(parse),
}
for (const way of waysToProduce) measured[way] = await spent(() => produce(`orders ${way}`.replaceAll(' ', '-'), way))
for (const way of waysToConsume) measured[way] = await spent(() => consume('orders-send', way))
await transport.close()
console.log(JSON.stringify(measured))
