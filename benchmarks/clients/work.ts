import type { Consumer } from '@kafkado/consumer'
import type { Producer } from '@kafkado/producer'
import { sampleOrder, type SampleOrder } from '../sample-records.ts'
import type { waysToConsume, waysToProduce } from './ways.ts'

/** As many as a caller may have at hand when it calls `sendBatch`. */
const sentTogether = 500
const orders = Array.from({ length: 1000 }, (_, index) => sampleOrder(index))
const texts = orders.map((order) => JSON.stringify(order))
const headers = { trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-01', source: 'shop' }

const order = (index: number): SampleOrder => orders[index % orders.length] as SampleOrder

type Produce = (producer: Producer<SampleOrder>, records: number) => Promise<void>

/** Sends the records; they may be unacknowledged until the producer is closed. */
export const produceBy: Record<(typeof waysToProduce)[number], Produce> = {
  send: (producer, records) => oneByOne(producer, records, (index) => producer.send(order(index))),
  async sendBatch(producer, records) {
    for (let index = 0; index < records; index += sentTogether) {
      void producer.sendBatch(Array.from({ length: sentTogether }, (_, at) => order(index + at)))
      await producer.ready()
    }
  },
  'send with a key': (producer, records) =>
    oneByOne(producer, records, (index) => producer.send(order(index), { key: order(index).customer })),
  'send with headers': (producer, records) =>
    oneByOne(producer, records, (index) => producer.send(order(index), { headers })),
}

async function oneByOne(
  producer: Producer<SampleOrder>,
  records: number,
  send: (index: number) => Promise<unknown>,
): Promise<void> {
  for (let index = 0; index < records; index++) {
    void send(index)
    // Now and then, as awaiting each time costs more than it holds back.
    if (index % 100 === 0) await producer.ready()
  }
}

type Consume = (consumer: Consumer<SampleOrder>, records: number) => Promise<number>

/** Reads the records, and adds up what is in them. */
export const consumeBy: Record<(typeof waysToConsume)[number], Consume> = {
  async 'one by one'(consumer, records) {
    let sum = 0
    for await (const { value } of consumer.take(records)) sum += value.amount
    return sum
  },
  async batches(consumer, records) {
    let [sum, read] = [0, 0]
    for await (const batch of consumer.batches({ size: 1000, timeout: '50ms' })) {
      for (const { value } of batch) if (read++ < records) sum += value.amount
      if (read >= records) break
    }
    return sum
  },
}

/** @throws when that many records do not add up to so much */
export function requireSum(sum: number, records: number): void {
  let expected = 0
  for (let index = 0; index < records; index++) expected += order(index).amount
  if (Math.abs(sum - expected) > 1e-6 * expected) throw new Error(`what was read adds up to ${sum}, not to ${expected}`)
}

/** The JSON alone that is in producing the records. */
export function stringify(records: number): void {
  let length = 0
  for (let index = 0; index < records; index++) length += JSON.stringify(order(index)).length
  if (length === 0) throw new Error('nothing was written')
}

/** The JSON alone that is in consuming the records. */
export function parse(records: number): void {
  let sum = 0
  for (let index = 0; index < records; index++)
    sum += (JSON.parse(texts[index % texts.length] as string) as SampleOrder).amount
  if (!Number.isFinite(sum)) throw new Error('nothing was read')
}
