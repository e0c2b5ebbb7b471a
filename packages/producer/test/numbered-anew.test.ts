import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PartitionQueue } from '../src/batch/partition-queue.ts'
import type { ProducerBatch } from '../src/batch/producer-batch.ts'
import { newIdentity, type ProducerIdentity } from '../src/batch/producer-identity.ts'

const settings = { lingerMs: 0, batchSize: 1, maxInFlight: 5, idempotent: true }
const waiter = { delivered: () => undefined, failed: () => undefined }
const content = { timestamp: 0, key: null, value: new Uint8Array(10), headers: [] }

/** What happens to a batch in flight: the first of them, the second, and so on. */
const event = fc.record({
  kind: fc.constantFrom('taken', 'taken', 'acknowledged', 'unanswered', 'refused', 'given up'),
  place: fc.nat(4),
})

it('batches under a new identity leave only when none is in flight under the last one, which they would overtake', () => {
  const tried = (events: readonly { kind: string; place: number }[]): void => {
    const queue = new PartitionQueue('orders', 0)
    let current: ProducerIdentity = { ...newIdentity(1, 0), isProven: true }
    queue.identity = current
    for (let count = 0; count < 20; count++) queue.begin(0, content, waiter)
    const inFlight: ProducerBatch[] = []
    for (const { kind, place } of events) {
      if (kind === 'taken') {
        const batch = queue.take(0, settings)
        if (!batch) continue
        if (!batch.identity) batch.number(current, current.nextSequence++)
        inFlight.push(batch)
        if (batch.identity === current)
          expect(inFlight.map(({ identity }) => identity === current)).not.toContain(false)
        continue
      }
      const batch = inFlight[place]
      if (!batch) continue
      const isCurrent = batch.identity === current
      if (kind === 'acknowledged') {
        if (batch.identity) batch.identity.isProven = true
        queue.remove(batch)
      } else if (kind === 'given up' && isCurrent) {
        queue.remove(batch)
        current = newIdentity(1, current.producerEpoch + 1)
        queue.identity = current
      } else {
        if (kind === 'refused' && !isCurrent) batch.dropNumbers()
        queue.retry(batch)
      }
      inFlight.splice(place, 1)
    }
  }
  fc.assert(fc.property(fc.array(event, { minLength: 20, maxLength: 60 }), tried), { numRuns: 3000 })
})
