import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PartitionQueue } from '../src/batch/partition-queue.ts'

const content = { timestamp: 0, key: null, value: 'a', headers: [] }
const waiter = { delivered: () => undefined, failed: () => undefined }

it('gives a batch out at the moment for which it was to be woken, whatever fractions the times have', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.integer({ min: 1, max: 100 }),
      (createdMs, lingerMs) => {
        const settings = { lingerMs, batchSize: 1_000_000, maxInFlight: 5, idempotent: false }
        const queue = new PartitionQueue('orders', 0)
        queue.begin(0, content, waiter)
        expect(queue.take(0, settings)).toBeDefined()
        queue.begin(createdMs, content, waiter)
        expect(queue.take(createdMs, settings)).toBeUndefined()
        const dueMs = queue.heldUntilMs(createdMs, settings)
        expect(queue.take(dueMs, settings)).toBeDefined()
      },
    ),
    { numRuns: 5000 },
  )
})
