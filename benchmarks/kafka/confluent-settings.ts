import { batchBytes, fetching } from './common-settings.ts'
import type { ConsumerSettings, ProducerSettings } from './kafka-subject.ts'

/** What librdkafka is told for both interfaces of Confluent's client. */
export function producerConfig({ brokers, idempotent, lingerMs }: ProducerSettings): Record<string, unknown> {
  return {
    'bootstrap.servers': brokers,
    'linger.ms': lingerMs,
    'batch.size': batchBytes,
    // Without idempotence librdkafka sets no limit.
    ...(idempotent ? { 'max.in.flight.requests.per.connection': 5 } : {}),
    log_level: 0,
  }
}

export function consumerConfig({ brokers, group }: ConsumerSettings): Record<string, unknown> {
  return {
    'bootstrap.servers': brokers,
    'group.id': group,
    'fetch.min.bytes': fetching.minBytes,
    'fetch.max.bytes': fetching.maxBytes,
    'max.partition.fetch.bytes': fetching.maxBytesPerPartition,
    'fetch.wait.max.ms': fetching.maxWaitMs,
    'auto.commit.interval.ms': fetching.commitIntervalMs,
    log_level: 0,
  }
}

/** How many single sends are awaited together. */
export const sendsTogether = 500
