import { diagnosticChannel } from '@kafkado/core/internal'
import type { ProducerBatchEvent, PublishBatch } from './batch-event.ts'

export const publishBatch: PublishBatch = (outcome, batch, clock, baseOffset, error) => {
  const channel = diagnosticChannel(`kafkado:producer:${outcome}`)
  if (!channel.hasSubscribers) return
  const { origin, count, sizeInBytes, attempts } = batch
  const { topic, partition, createdMs } = origin
  const event: ProducerBatchEvent = {
    topic,
    partition,
    records: count,
    bytes: sizeInBytes,
    attempts: attempts.count,
    baseOffset,
    durationMs: createdMs === undefined ? 0 : clock.monotonic() - createdMs,
    error,
  }
  channel.publish(event)
}
