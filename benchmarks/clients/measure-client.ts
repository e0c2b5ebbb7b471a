// One run of a client in a process of its own: produces and consumes in several ways, and does the JSON alone.
import { performance } from 'node:perf_hooks'
import { memory } from '@kafkado/broker'
import { http, type Transport } from '@kafkado/core'
import { createConsumer } from '@kafkado/consumer'
import { createProducer } from '@kafkado/producer'
import type { SampleOrder } from '../sample-records.ts'
import { type ClientMeasurement, type Spent, waysToConsume, waysToProduce } from './ways.ts'
import { consumeBy, parse, produceBy, requireSum, stringify } from './work.ts'

const [url = '', count = '200000'] = process.argv.slice(2)
const records = Number(count)
const transport: Transport = url ? http({ url }) : memory()

async function spent(act: () => Promise<void> | void): Promise<Spent> {
  const before = process.cpuUsage()
  const startedMs = performance.now()
  await act()
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(before)
  return { recordsPerSecond: records / seconds, cpuSeconds: (user + system) / records }
}

async function produce(topic: string, way: (typeof waysToProduce)[number]): Promise<void> {
  const producer = createProducer<SampleOrder>(transport, topic)
  await produceBy[way](producer, records)
  await producer.close()
}

async function consume(topic: string, way: (typeof waysToConsume)[number]): Promise<void> {
  const consumer = createConsumer<SampleOrder>(transport, topic, { group: `bench-${topic}-${way}` })
  requireSum(await consumeBy[way](consumer, records), records)
}

// The first time only warms up, in every way.
for (const way of waysToProduce) await produce(`warm-up ${way}`.replaceAll(' ', '-'), way)
for (const way of waysToConsume) await consume('warm-up-send', way)
stringify(records)
parse(records)
const measured: Partial<Record<keyof ClientMeasurement, Spent>> = {
  stringify: await spent(() => stringify(records)),
  parse: await spent(() => parse(records)),
}
for (const way of waysToProduce) measured[way] = await spent(() => produce(`orders ${way}`.replaceAll(' ', '-'), way))
for (const way of waysToConsume) measured[way] = await spent(() => consume('orders-send', way))
await transport.close()
console.log(JSON.stringify(measured))
