import { describe, expect, it } from 'vitest'
import { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import { newIdentity } from '../batch/producer-identity.ts'
import { closeGap } from './close-gap.ts'

const settings = { lingerMs: 0, batchSize: 1, maxInFlight: 5, idempotent: true }

/** A queue whose identity the server knows, with batches of two records that are still to be taken. */
function queueOf(batches: number): PartitionQueue {
  const queue = new PartitionQueue('orders', 0)
  queue.identity = { ...newIdentity(1, 0), isProven: true }
  const waiter = { delivered: () => undefined, failed: () => undefined }
  const content = { timestamp: 0, key: null, value: new Uint8Array(10), headers: [] }
  for (let count = 0; count < batches; count++) queue.begin(0, content, waiter).append(content, waiter)
  return queue
}

/** The next batch, numbered and in flight. */
function leaving(queue: PartitionQueue, baseSequence: number): ProducerBatch {
  const batch = queue.take(0, settings) as ProducerBatch
  if (queue.identity && !batch.identity) batch.number(queue.identity, baseSequence)
  batch.attempts.begin(false)
  batch.attempts.leave()
  return batch
}

describe('the gap that a refused batch leaves in a transaction', () => {
  it('is closed where those behind it have not been sent', () => {
    const queue = queueOf(2)
    const whole = leaving(queue, 0)
    const [refused, behind] = whole.split() as [ProducerBatch, ProducerBatch]
    queue.remove(whole)
    for (const half of [refused, behind]) queue.retry(half)
    expect(leaving(queue, 0)).toBe(refused)
    queue.remove(refused)
    expect(behind.baseSequence).toBe(1)
    expect(closeGap(queue, refused)).toBe(true)
    expect(behind.identity).toBeUndefined()
  })

  it.each(['is on its way', 'is to be sent again'])('stays where one behind it %s', (what) => {
    const queue = queueOf(2)
    const refused = leaving(queue, 0)
    const behind = leaving(queue, 2)
    queue.remove(refused)
    if (what === 'is to be sent again') queue.retry(behind)
    expect(closeGap(queue, refused)).toBe(false)
    expect(behind.identity).toBe(queue.identity)
  })
})
