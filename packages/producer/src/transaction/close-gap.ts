import type { PartitionQueue } from '../batch/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'

/**
 * Takes the numbers of those behind a batch that will not come, so that they get new ones from its own on, and the
 * server misses none. Not where one of them has been taken to be sent: a copy of its request that comes late would then
 * follow the earlier records, and be written a second time.
 *
 * @returns whether it was possible
 */
export function closeGap(queue: PartitionQueue, { identity }: ProducerBatch): boolean {
  const behind = queue.all().filter((batch) => batch.identity === identity)
  if (behind.some(({ attempts }) => attempts.count > 0)) return false
  for (const batch of behind) batch.dropNumbers()
  return true
}
