import { createAdmin } from '@kafkado/admin'
import { defineTopic, systemClock, type Transport } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'
import { valueAt } from '../kafka/workload.ts'

export interface Customer {
  readonly name: string
  readonly city: string
  readonly tier: string
}

const customersAtOnce = 100
const ordersOfEach = 10
const block = customersAtOnce * ordersOfEach
/** At the beginning of a window, and recent: the broker deletes what is older than a week. */
const firstOrder = Math.floor(systemClock.now() / 60_000) * 60_000 - 7_200_000

/** How many customers so many orders are of. */
export function customersOf(orders: number): number {
  return Math.ceil(orders / block) * customersAtOnce
}

/**
 * A hundred customers send ten orders each, within a second; then come the next hundred. So a record cache forwards one
 * update for each customer, however often it is emptied: what is under way at a commit are a hundred customers at most.
 */
function customerAt(index: number): string {
  return `customer-${Math.floor(index / block) * customersAtOnce + (index % customersAtOnce)}`
}

/** Writes the orders, a millisecond apart, and a row for each customer. Both topics have the same partitions. */
export async function fillTopics(
  transport: Transport,
  { orders, input, table, partitions }: { orders: number; input: string; table: string; partitions: number },
): Promise<void> {
  const admin = createAdmin(transport)
  for (const topic of [input, table]) await admin.createTopic(topic, { partitions })
  const serdes = { key: 'string', value: 'bytes' } as const
  await using rows = createProducer(transport, defineTopic(table, serdes))
  await inParts(customersOf(orders), async (from, to) => {
    const numbers = Array.from({ length: to - from }, (_, at) => from + at)
    await rows.sendBatch(
      numbers.map((number) => {
        const customer: Customer = {
          name: `name of ${number}`,
          city: `city ${number % 97}`,
          tier: `tier ${number % 3}`,
        }
        return {
          key: `customer-${number}`,
          value: Buffer.from(JSON.stringify(customer)),
          timestamp: firstOrder - 1,
        }
      }),
    )
  })
  await using producer = createProducer(transport, defineTopic(input, serdes))
  await inParts(orders, async (from, to) => {
    const numbers = Array.from({ length: to - from }, (_, at) => from + at)
    await producer.sendBatch(
      numbers.map((number) => ({
        key: customerAt(number),
        value: valueAt(number),
        timestamp: firstOrder + number,
      })),
    )
  })
}

async function inParts(count: number, send: (from: number, to: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += 10_000) await send(from, Math.min(count, from + 10_000))
}
