import { type AnyOperation, InvalidRequestError } from '@kafkado/core'
import { allOperations, schemasOf } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import type { GetHarness } from './harness/harness.ts'

const partition = { partition: 0, timestamp: 0, offset: 0, fetchOffset: 0, partitionMaxBytes: 1000 }
const producer = { transactionalId: 'id', producerId: 1, producerEpoch: 0 }

const topicsWith = (wrong: object): object => ({
  topics: [{ topic: 'orders', partitions: [{ ...partition, ...wrong }] }],
})
const fetching = { maxWaitMs: 0, minBytes: 0, maxBytes: 1000, isolationLevel: 'read_committed' }
const admin = { timeoutMs: 1000, validateOnly: false }
const newTopic = { topic: 'orders', numPartitions: 1, replicationFactor: 1, configs: [] }
const heartbeat = {
  groupId: 'group',
  memberId: 'member',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 1000,
  subscribedTopicNames: ['orders'],
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
}

/** Faults in requests of operations, and the words of their refusals. */
const wrongInside: readonly (readonly [string, object | undefined, RegExp])[] = [
  ['produce', { transactionalId: null, acks: 1, timeoutMs: 1, ...topicsWith({ records: 'text' }) }, /records must be/],
  ['produce', { transactionalId: null, acks: 70_000, timeoutMs: 1, topics: [] }, /acks must be at most 32767/],
  ['fetch', { ...fetching, ...topicsWith({ fetchOffset: Number.NaN }) }, /fetchOffset must be a whole number, got NaN/],
  ['fetch', { ...fetching, maxWaitMs: '5', topics: [] }, /maxWaitMs must be a whole number, got "5"/],
  [
    'fetch',
    { ...fetching, topics: [{ topic: 'orders', topicId: 'orders', partitions: [] }] },
    /topicId must be a UUID, got "orders"/,
  ],
  ['listOffsets', { isolationLevel: 'read_committed', ...topicsWith({ timestamp: new Date(5) }) }, /timestamp must be/],
  ['listOffsets', { isolationLevel: 'committed', topics: [] }, /isolationLevel must be "read_uncommitted" or/],
  ['metadata', { topics: 'orders', allowAutoTopicCreation: false }, /topics must be a list, got "orders"/],
  ['metadata', { topics: undefined, allowAutoTopicCreation: false }, /topics must be a list, got undefined/],
  ['offsetCommit', { groupId: 5 }, /groupId must be a string, got 5/],
  [
    'offsetFetch',
    { groupId: 'g', memberId: null, memberEpoch: -1, topics: [{}], requireStable: true },
    /topics\.0\.topic/,
  ],
  ['listGroups', { statesFilter: null, typesFilter: [] }, /statesFilter must be a list, got null/],
  ['createTopics', { ...admin, topics: [{ ...newTopic, numPartitions: '4' }] }, /numPartitions must be a whole number/],
  ['deleteTopics', { timeoutMs: 1000, topics: [new Date(5)] }, /topics\.0 must be a string, got the Date/],
  [
    'deleteRecords',
    { timeoutMs: 1000, ...topicsWith({ offset: Number.NaN }) },
    /offset must be a whole number, got NaN/,
  ],
  ['deleteRecords', { timeoutMs: 1000, ...topicsWith({ offset: null }) }, /offset must be a whole number, got null/],
  ['deleteRecords', { timeoutMs: 1000, ...topicsWith({ offset: 5n }) }, /offset must be a whole number, got 5n/],
  ['deleteRecords', { timeoutMs: 1000, ...topicsWith({ offset: 2 ** 53 }) }, /offset must be at most 9007199254740991/],
  ['deleteRecords', { timeoutMs: 1000, ...topicsWith({ partition: 2 ** 31 }) }, /partition must be at most 2147483647/],
  [
    'initProducerId',
    { transactionalId: '', transactionTimeoutMs: 1.5, producerId: -1, producerEpoch: -1 },
    /TimeoutMs/,
  ],
  ['offsetForLeaderEpoch', topicsWith({ leaderEpoch: '0', currentLeaderEpoch: -1 }), /leaderEpoch must be/],
  ['addPartitionsToTxn', { ...producer, topics: [{ topic: 'orders', partitions: ['0'] }] }, /partitions\.0 must be/],
  ['addOffsetsToTxn', { ...producer, producerEpoch: 2 ** 15, groupId: 'g' }, /producerEpoch must be at most 32767/],
  ['endTxn', { ...producer, committed: 'false' }, /committed must be true or false, got "false"/],
  ['txnOffsetCommit', { ...producer, groupId: 'g' }, /memberId must be a string, got undefined/],
  [
    'describeConfigs',
    { resources: [{ resourceType: 'broker', resourceName: '1', configurationKeys: null }] },
    /"topic"/,
  ],
  [
    'createPartitions',
    { ...admin, topics: [{ topic: 'orders', count: '4' }] },
    /count must be a whole number, got "4"/,
  ],
  ['describeGroups', { groupIds: ['g', 5] }, /groupIds\.1 must be a string, got 5/],
  ['deleteGroups', { groups: [undefined] }, /groups\.0 must be a string, got undefined/],
  [
    'incrementalAlterConfigs',
    { validateOnly: false, resources: [{ resourceType: 'topic', resourceName: 'orders', configs: [{ name: 5 }] }] },
    /configs\.0\.name must be a string, got 5/,
  ],
  ['offsetDelete', { groupId: 'g', topics: [{ topic: 'orders', partitions: 0 }] }, /partitions must be a list, got 0/],
  ['describeProducers', { topics: {} }, /topics must be a list/],
  ['describeTransactions', { transactionalIds: 'id' }, /transactionalIds must be a list/],
  ['listTransactions', { stateFilters: [], producerIdFilters: [], durationFilterMs: '5' }, /durationFilterMs must be/],
  [
    'consumerGroupHeartbeat',
    { ...heartbeat, subscribedTopicNames: ['orders', null] },
    /subscribedTopicNames\.1 must be/,
  ],
]

const wrong = [
  ...wrongInside,
  ...allOperations.map(({ name }) => [name, undefined, /it must be an object, got undefined/] as const),
]

/** Malformed requests: every transport refuses them alike, before anything is sent or carried out. */
export function requestCases(get: GetHarness): void {
  describe('a request that does not have the form of its operation is refused', () => {
    it('is looked at in every operation whose requests have fields', () => {
      const looked = new Set(wrongInside.map(([name]) => name))
      expect(allOperations.filter(hasFields).filter(({ name }) => !looked.has(name))).toEqual([])
    })

    const titled = wrong.map(([name, request, message]) => [name, message, request] as const)
    it.each(titled)('%s: %s', async (name, message, request) => {
      const operation = allOperations.find((known) => known.name === name) as AnyOperation
      const refusal: unknown = await get()
        .transport.send(operation, request)
        .then(
          () => 'taken',
          (error: unknown) => error,
        )
      expect(refusal).toBeInstanceOf(InvalidRequestError)
      expect(refusal).toMatchObject({ outcome: 'failed', retriable: false })
      expect((refusal as Error).message).toMatch(message)
      expect((refusal as Error).message).toContain(`the ${name} request is not valid: `)
    })
  })
}

function hasFields(operation: AnyOperation): boolean {
  const { form } = schemasOf(operation).request
  return form.type === 'object' && Object.keys(form.shape).length > 0
}
