import { memory } from '@kafkado/broker'
import { type AnyOperation, fetch, intercept, type Operation, produce, type RequestOf } from '@kafkado/core'
import { createKafkaClient } from 'kafkado'
import { expect, it } from 'vitest'

const records = 2000
const text = 'x'.repeat(100)

/** Requests of each operation, and the bytes of all batches that were sent. */
function counting(): {
  transport: ReturnType<typeof intercept>
  count: Map<AnyOperation, number>
  bytes: () => number
} {
  const count = new Map<AnyOperation, number>()
  let bytes = 0
  const transport = intercept(memory(), (next) => (operation, request, options) => {
    count.set(operation, (count.get(operation) ?? 0) + 1)
    if ((operation as Operation<unknown, unknown>) === (produce as unknown)) {
      for (const { partitions } of (request as RequestOf<typeof produce>).topics)
        for (const { records: batch } of partitions) bytes += batch.length
    }
    return next(operation, request, options)
  })
  return { transport, count, bytes: () => bytes }
}

it.each([1, 100])(
  'records that are sent in one turn travel in few requests, over %i partitions',
  async (partitions) => {
    const { transport, count, bytes } = counting()
    const kafka = createKafkaClient(transport)
    try {
      await kafka.admin.createTopic('orders', { partitions })
      const producer = kafka.producer('orders')
      await Promise.all(
        Array.from({ length: records }, (_, index) => producer.send(text, { partition: index % partitions })),
      )
      expect(count.get(produce)).toBeLessThanOrEqual(3)
      // A record is its text in quotation marks, at most 12 bytes around it, and its part of the 61 of a batch.
      expect(bytes() / records).toBeLessThan(text.length + 2 + 12 + (61 * partitions * 3) / records)

      for await (const _ of kafka.consume('orders', { offset: 'earliest' }).take(records)) continue
      expect(count.get(fetch)).toBeLessThanOrEqual(4)
    } finally {
      await kafka.close()
    }
  },
)
