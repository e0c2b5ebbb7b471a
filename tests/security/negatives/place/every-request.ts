import type { AnyOperation } from '@kafkado/core'
import type * as operations from '@kafkado/core/operations'
import { allOperations } from '@kafkado/core/internal'
import { batch } from '@kafkado/testing/conformance'
import { frame, request, type Sending } from './raw-http.ts'

/** Whose things a request is about. */
export interface Names {
  readonly topics: readonly string[]
  readonly group: string
  readonly transactionalId: string
  readonly producerId?: number
  readonly producerEpoch?: number
}

export const heartbeatOf = (groupId: string, ...topics: readonly string[]) => ({
  groupId,
  memberId: 'newcomer',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: topics,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
})

export const commitOf = (groupId: string, ...topics: readonly string[]) => ({
  groupId,
  memberId: '',
  memberEpoch: -1,
  groupInstanceId: null,
  topics: topics.map((topic) => ({
    topic,
    partitions: [{ partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: 'note' }],
  })),
})

export const fetchOf = (...topics: readonly string[]) => ({
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 1000,
  isolationLevel: 'read_committed',
  topics: topics.map((topic) => ({ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] })),
})

export const produceOf = (topics: readonly string[], records = batch([{ value: 'x' }]), partition = 0) => ({
  transactionalId: null as string | null,
  acks: -1,
  timeoutMs: 1000,
  topics: topics.map((topic) => ({ topic, partitions: [{ partition, records }] })),
})

export const newTopic = (topic: string, change: object = {}) => ({
  timeoutMs: 1000,
  validateOnly: false,
  topics: [{ topic, numPartitions: 1, replicationFactor: -1, configs: [], ...change }],
})

/** A request of each operation, by its name. Carried out, most of them would change something. */
export function everyRequest(names: Names): Readonly<Record<string, object>> {
  const { topics, group, transactionalId, producerId = 1, producerEpoch = 0 } = names
  const producer = { transactionalId, producerId, producerEpoch }
  const partitions = topics.map((topic) => ({ topic, partitions: [0] }))
  const each = (fields: object) => topics.map((topic) => ({ topic, partitions: [{ partition: 0, ...fields }] }))
  return {
    capabilities: {},
    produce: produceOf(topics),
    fetch: fetchOf(...topics),
    listOffsets: { isolationLevel: 'read_committed', topics: each({ timestamp: -1 }) },
    metadata: { topics, allowAutoTopicCreation: true },
    offsetCommit: commitOf(group, ...topics),
    offsetFetch: { groupId: group, memberId: null, memberEpoch: -1, topics: partitions, requireStable: false },
    listGroups: { statesFilter: [], typesFilter: [] },
    createTopics: {
      timeoutMs: 1000,
      validateOnly: false,
      topics: topics.map((topic) => ({ topic: `${topic}-new`, numPartitions: 1, replicationFactor: -1, configs: [] })),
    },
    deleteTopics: { timeoutMs: 1000, topics },
    deleteRecords: { timeoutMs: 1000, topics: each({ offset: 1 }) },
    initProducerId: { transactionalId, transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 },
    offsetForLeaderEpoch: { topics: each({ currentLeaderEpoch: -1, leaderEpoch: 0 }) },
    addPartitionsToTxn: { ...producer, topics: partitions },
    addOffsetsToTxn: { ...producer, groupId: group },
    endTxn: { ...producer, committed: false },
    txnOffsetCommit: {
      ...producer,
      groupId: group,
      memberId: '',
      generationId: -1,
      groupInstanceId: null,
      topics: commitOf(group, ...topics).topics,
    },
    describeConfigs: {
      resources: topics.map((topic) => ({ resourceType: 'topic', resourceName: topic, configurationKeys: null })),
    },
    createPartitions: {
      timeoutMs: 1000,
      validateOnly: false,
      topics: topics.map((topic) => ({ topic, count: 3 })),
    },
    deleteGroups: { groups: [group] },
    incrementalAlterConfigs: {
      validateOnly: false,
      resources: topics.map((topic) => ({
        resourceType: 'topic',
        resourceName: topic,
        configs: [{ name: 'retention.ms', configOperation: 'set', value: '1' }],
      })),
    },
    offsetDelete: { groupId: group, topics: partitions },
    describeProducers: { topics: partitions },
    describeTransactions: { transactionalIds: [transactionalId] },
    listTransactions: { stateFilters: [], producerIdFilters: [], durationFilterMs: -1 },
    consumerGroupHeartbeat: heartbeatOf(group, ...topics),
    describeGroups: { groupIds: [group] },
  } satisfies Record<keyof typeof operations, object>
}

export const operationNamed = (name: string): AnyOperation =>
  allOperations.find((operation) => operation.name === name) as AnyOperation

/** The request of an operation, as bytes. */
export function asking(name: string, message: object, sending: Sending = {}): string {
  return name === 'produce' ? frame(message, sending) : request(operationNamed(name).path, message, sending)
}

/** The operations that are about something which can be somebody's. */
export const aboutNames: readonly string[] = allOperations
  .map(({ name }) => name)
  .filter((name) => !['capabilities', 'listGroups', 'listTransactions'].includes(name))
