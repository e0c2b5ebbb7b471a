import type { consumerGroupHeartbeat, createTopics, fetch, listOffsets, produce, RequestOf } from '@kafkado/core'
import { batchOf } from './record-batches.ts'

/** Requests as the clients make them, with irrelevant fields filled in. */

/** Partitions by topic, `{ orders: [0, 1] }`. */
type Partitions = Readonly<Record<string, readonly number[]>>

const each = <P>(partitions: Partitions, make: (partition: number) => P): { topic: string; partitions: P[] }[] =>
  Object.entries(partitions).map(([topic, numbers]) => ({ topic, partitions: numbers.map(make) }))

export function listing(partitions: Partitions): RequestOf<typeof listOffsets> {
  return {
    isolationLevel: 'read_uncommitted',
    topics: each(partitions, (partition) => ({ partition, timestamp: -1 })),
  }
}

export function producing(
  partitions: Partitions,
  { producerId = 7, mark = 0, acks = -1, transactionalId = null as string | null, bytes = 61 } = {},
): RequestOf<typeof produce> {
  const topics = each(partitions, (partition) => ({ partition, records: batchOf({ producerId, mark, bytes }) }))
  return { transactionalId, acks, timeoutMs: 30_000, topics }
}

export function fetching(
  partitions: Partitions,
  { maxWaitMs = 0, minBytes = 1, maxBytes = 1_000_000, fetchOffset = 0 } = {},
): RequestOf<typeof fetch> {
  return {
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel: 'read_uncommitted',
    topics: each(partitions, (partition) => ({ partition, fetchOffset, partitionMaxBytes: 1_000_000 })),
  }
}

export function heartbeatOf(
  groupId: string,
  more: Partial<RequestOf<typeof consumerGroupHeartbeat>> = {},
): RequestOf<typeof consumerGroupHeartbeat> {
  return {
    groupId,
    memberId: 'm',
    memberEpoch: 1,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: null,
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: null,
    ...more,
  }
}

export function creating(...topics: string[]): RequestOf<typeof createTopics> {
  return {
    timeoutMs: 30_000,
    validateOnly: false,
    topics: topics.map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1, configs: [] })),
  }
}
