import type { AnyOperation } from '@kafkado/core'
import type * as operations from '@kafkado/core/operations'
import { allOperations } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { may } from '../../test/secured-server.ts'
import { authorize } from './authorization.ts'
import type { Need, ScopeResource } from './scopes.ts'

const topics = [
  { topic: 'a', partitions: [] },
  { topic: 'b', partitions: [] },
]
const resources = [
  { resourceType: 'topic', resourceName: 'a' },
  { resourceType: 'topic', resourceName: 'b' },
]
const onEach = (
  operation: Need['operation'],
  resource: ScopeResource,
  ...names: string[]
): readonly (readonly [Need['operation'], ScopeResource, string])[] => names.map((name) => [operation, resource, name])

/**
 * A request of each operation, and everything Kafka's access control requires for it:
 * https://kafka.apache.org/documentation/#operations_in_kafka
 */
const needs: Readonly<
  Record<keyof typeof operations, readonly [request: object, ...needs: ReturnType<typeof onEach>]>
> = {
  capabilities: [{}],
  produce: [
    { topics, transactionalId: 't' },
    ...onEach('write', 'topic', 'a', 'b'),
    ...onEach('write', 'transactionalId', 't'),
  ],
  fetch: [{ topics }, ...onEach('read', 'topic', 'a', 'b')],
  listOffsets: [{ topics }, ...onEach('describe', 'topic', 'a', 'b')],
  metadata: [{ topics: ['a', 'b'] }, ...onEach('describe', 'topic', 'a', 'b')],
  offsetCommit: [{ groupId: 'g', topics }, ...onEach('read', 'group', 'g'), ...onEach('read', 'topic', 'a', 'b')],
  offsetFetch: [
    { groupId: 'g', topics },
    ...onEach('describe', 'group', 'g'),
    ...onEach('describe', 'topic', 'a', 'b'),
  ],
  offsetDelete: [{ groupId: 'g', topics }, ...onEach('delete', 'group', 'g'), ...onEach('read', 'topic', 'a', 'b')],
  offsetForLeaderEpoch: [{ topics }, ...onEach('describe', 'topic', 'a', 'b')],
  consumerGroupHeartbeat: [
    { groupId: 'g', subscribedTopicNames: ['a'], topicPartitions: topics.slice(1) },
    ...onEach('read', 'group', 'g'),
    ...onEach('describe', 'topic', 'a', 'b'),
  ],
  initProducerId: [{ transactionalId: 't' }, ...onEach('write', 'transactionalId', 't')],
  addPartitionsToTxn: [
    { transactionalId: 't', topics },
    ...onEach('write', 'transactionalId', 't'),
    ...onEach('write', 'topic', 'a', 'b'),
  ],
  addOffsetsToTxn: [
    { transactionalId: 't', groupId: 'g' },
    ...onEach('write', 'transactionalId', 't'),
    ...onEach('read', 'group', 'g'),
  ],
  txnOffsetCommit: [
    { transactionalId: 't', groupId: 'g', topics },
    ...onEach('write', 'transactionalId', 't'),
    ...onEach('read', 'group', 'g'),
    ...onEach('read', 'topic', 'a', 'b'),
  ],
  endTxn: [{ transactionalId: 't' }, ...onEach('write', 'transactionalId', 't')],
  describeProducers: [{ topics }, ...onEach('read', 'topic', 'a', 'b')],
  describeTransactions: [{ transactionalIds: ['t', 'u'] }, ...onEach('describe', 'transactionalId', 't', 'u')],
  listTransactions: [{}],
  createTopics: [{ topics }, ...onEach('create', 'topic', 'a', 'b')],
  deleteTopics: [{ topics: ['a', 'b'] }, ...onEach('delete', 'topic', 'a', 'b')],
  deleteRecords: [{ topics }, ...onEach('delete', 'topic', 'a', 'b')],
  createPartitions: [{ topics }, ...onEach('alter', 'topic', 'a', 'b')],
  describeConfigs: [{ resources }, ...onEach('describeConfigs', 'topic', 'a', 'b')],
  incrementalAlterConfigs: [{ resources }, ...onEach('alterConfigs', 'topic', 'a', 'b')],
  listGroups: [{}],
  describeGroups: [{ groupIds: ['g', 'h'] }, ...onEach('describe', 'group', 'g', 'h')],
  deleteGroups: [{ groups: ['g', 'h'] }, ...onEach('delete', 'group', 'g', 'h')],
}

const attempt = (operation: AnyOperation, request: object, granted: ReturnType<typeof onEach>): void => {
  const scopes = granted.map(([what, resource, name]) => may(what, name, resource))
  authorize({ keyId: 'k', scopes }, operation, request)
}

describe('every scope that an operation needs is asked for, of everything that it names', () => {
  it.each(allOperations.map((operation) => [operation.name, operation] as const))('%s', (name, operation) => {
    const [request, ...all] = needs[name as keyof typeof operations]
    expect(() => attempt(operation, request, all)).not.toThrow()
    for (const missing of all) {
      const [what, resource, target] = missing
      const others = all.filter((one) => one !== missing)
      expect(() => attempt(operation, request, others)).toThrow(`no scope to ${what} ${resource} '${target}'`)
    }
  })
})
