import { InvalidRequestError } from '@kafkado/core'
import { diagnosticChannel } from '@kafkado/core/internal'
import type { Platform } from './platform.ts'
import type { ProducerBatchEvent } from './send/producer-meter.ts'

export const startTransactions: Platform['startTransactions'] = async (transport, topic, settings, makeProducer) => {
  const { transactionalId } = settings
  if (transactionalId === undefined)
    throw new InvalidRequestError(`the producer of topic '${topic}' has no transactionalId, so it has no transactions`)
  const { TransactionalProducer } = await import('./transaction/transactional-producer.ts')
  return new TransactionalProducer(transport, { ...settings, transactionalId }, makeProducer)
}

export const publishBatch: Platform['publishBatch'] = (outcome, batch, nowMs, baseOffset, error) => {
  const channel = diagnosticChannel(`kafkado:producer:${outcome}`)
  if (!channel.hasSubscribers) return
  const { topic, partition, count, sizeInBytes, attempts, createdMs } = batch
  const event: ProducerBatchEvent = {
    topic,
    partition,
    records: count,
    bytes: sizeInBytes,
    attempts,
    baseOffset,
    durationMs: nowMs - createdMs,
    error,
  }
  channel.publish(event)
}
