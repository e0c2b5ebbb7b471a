import type { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'

/**
 * Takes back the numbers of the batches behind one that the server will never get. They get new ones, beginning with
 * its number, so the server sees no gap. It refuses when one of them was already taken to be sent: a late copy of that
 * request would then fit the sequence and be written a second time.
 *
 * @returns whether it closed the gap
 */
export function closeGap(queue: PartitionQueue, { identity }: ProducerBatch): boolean {
  const behind = queue.all().filter((batch) => batch.identity === identity)
  if (behind.some(({ attempts }) => attempts.count > 0)) return false
  for (const batch of behind) batch.dropNumbers()
  return true
}
