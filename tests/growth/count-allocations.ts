// A process: what the heap and buffers grow by, and how many requests are sent, while clients send and read records
// over an engine in memory; printed for one record, as JSON. It is started with room for all of it, so that nothing is
// collected meanwhile, and without the compilers that leave objects out: so it says the same on any machine.
import { memory } from '@kafkado/broker'
import { intercept } from '@kafkado/core'
import { ManualClock } from '@kafkado/testing'
import { createKafkaClient, seededRandom } from 'kafkado'
import { performance, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { type Counted, records, type Way, ways } from './allocation-budget.ts'
import { countCopiedBytes } from './copied-bytes.ts'

const collections: PerformanceEntry[] = []
new PerformanceObserver((list) => collections.push(...list.getEntries())).observe({ entryTypes: ['gc'] })
let requests = 0
// What goes by time, such as the work that an engine repeats, would come into the count on a slow machine alone.
const runtime = { clock: new ManualClock(), random: seededRandom(1) }
const transport = intercept(memory({ runtime }), (next) => (operation, request, options) => {
  requests++
  return next(operation, request, options)
})
const kafka = createKafkaClient(transport)
const values = Array.from({ length: records }, (_, index) => ({
  orderId: `order-${index}`,
  amount: index,
  note: 'x'.repeat(150),
}))
const collect = globalThis.gc ?? (() => undefined)

const work: Readonly<Record<Way, () => Promise<void>>> = {
  async send() {
    const producer = kafka.producer('sent')
    await Promise.all(values.map((value) => producer.send(value)))
    await producer.close()
  },
  async sendBatch() {
    const producer = kafka.producer('sent')
    await producer.sendBatch(values)
    await producer.close()
  },
  async 'for await'() {
    let amount = 0
    for await (const { value } of kafka.consume<{ amount: number }>('filled', { offset: 'earliest' }).take(records))
      amount += value.amount
    requireAmount(amount)
  },
  async batches() {
    const consumer = kafka.consumer<{ amount: number }>('filled', { offset: 'earliest' })
    let [amount, read] = [0, 0]
    for await (const batch of consumer.batches({ size: records / 4, timeout: '1m' })) {
      for (const { value } of batch) amount += value.amount
      read += batch.size
      if (read >= records) break
    }
    requireAmount(amount)
    await consumer.close()
  },
}

await kafka.producer('filled').sendBatch(values)
const held: Partial<Record<Way, Omit<Counted, 'copiedBytes'>>> = {}
for (const way of ways) {
  // What is loaded, and made once, does not count.
  for (let round = 0; round < 2; round++) await work[way]()
  held[way] = await countHeld(work[way])
}
// Counting takes memory itself.
const copiedBytes = countCopiedBytes()
const counted: Partial<Record<Way, Counted>> = {}
for (const way of ways) {
  const before = copiedBytes()
  await work[way]()
  counted[way] = {
    heapBytes: 0,
    bufferBytes: 0,
    requests: 0,
    ...held[way],
    copiedBytes: (copiedBytes() - before) / records,
  }
}
await kafka.close()
process.stdout.write(JSON.stringify(counted))

async function countHeld(act: () => Promise<void>): Promise<Omit<Counted, 'copiedBytes'>> {
  collect()
  await turn()
  collect()
  await turn()
  const startedMs = performance.now()
  const [requestsBefore, before] = [requests, process.memoryUsage()]
  await act()
  const after = process.memoryUsage()
  const counted = {
    heapBytes: (after.heapUsed - before.heapUsed) / records,
    bufferBytes: (after.external - before.external) / records,
    requests: requests - requestsBefore,
  }
  await turn()
  // They are told some turns later.
  if (collections.some(({ startTime }) => startTime >= startedMs))
    throw new Error('garbage was collected meanwhile: give the process more room')
  return counted
}

function requireAmount(amount: number): void {
  const expected = (records * (records - 1)) / 2
  if (amount !== expected) throw new Error(`the amounts add up to ${amount}, not to ${expected}`)
}
