import {
  codeOf,
  consumerGroupHeartbeat,
  deleteGroups,
  describeGroups,
  describeTransactions,
  DisconnectedError,
  endTxn,
  initProducerId,
  type KafkaErrorName,
  KafkaError,
  listGroups,
  MemberFencedError,
  offsetCommit,
  TimeoutError,
  type Transport,
} from '@kafkado/core'
import { AdjustableClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { closeConnection, neverAnswer } from '../../test/fake-broker.ts'
import { startCluster } from '../../test/fake-cluster.ts'
import { heartbeatOf } from '../../test/requests.ts'
import { outcomeOf, within } from '../../test/waiting.ts'
import { offsetCommitApi } from '../operations/08-offset-commit.ts'
import { findCoordinatorApi } from './find-coordinator-api.ts'
import { describeGroupsApi } from '../operations/15-describe-classic-groups.ts'
import { listGroupsApi } from '../operations/16-list-groups.ts'
import { initProducerIdApi } from '../operations/22-init-producer-id.ts'
import { endTxnApi } from '../operations/26-end-txn.ts'
import { deleteGroupsApi } from '../operations/42-delete-groups.ts'
import { describeTransactionsApi } from '../operations/65-describe-transactions.ts'
import { consumerGroupHeartbeatApi } from '../operations/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribeApi } from '../operations/69-describe-groups.ts'
import { metadataApi } from './metadata-api.ts'

const refusedHeartbeat =
  (errorCode: number, errorMessage: string | null = null) =>
  () => ({
    throttleTimeMs: 0,
    errorCode,
    errorMessage,
    memberId: null,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
    assignment: null,
  })

const unavailable = (key: string, errorCode: number) => ({
  throttleTimeMs: 0,
  coordinators: [{ key, nodeId: -1, host: '', port: -1, errorCode, errorMessage: null }],
})

async function clusterOfGroup(brokerCount = 3) {
  const clock = new AdjustableClock()
  const { cluster, transport } = await startCluster(brokerCount, clock)
  cluster.coordinators.set('g', 2)
  const heartbeats = (): number[] =>
    cluster.brokers.map((broker) => broker.requestsOf(consumerGroupHeartbeatApi).length)
  const lookUps = (): number => cluster.brokers.flatMap((broker) => broker.requestsOf(findCoordinatorApi)).length
  return { clock, cluster, transport, heartbeats, lookUps }
}

describe('the coordinator of a group', () => {
  it('is looked for once, and asked from then on', async () => {
    const { transport, heartbeats, lookUps } = await clusterOfGroup()
    for (let count = 0; count < 3; count++)
      expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))).toMatchObject({ memberEpoch: 2 })
    expect(heartbeats()).toEqual([0, 3, 0])
    expect(lookUps()).toBe(1)
  })

  it.each<KafkaErrorName>(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS'])(
    'is looked for again, and asked again, when the answer is %s',
    async (name) => {
      const { cluster, transport, heartbeats, lookUps } = await clusterOfGroup()
      await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
      cluster.broker(2).once(consumerGroupHeartbeatApi, refusedHeartbeat(codeOf(name)))
      cluster.coordinators.set('g', 3)
      expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))).toMatchObject({ memberEpoch: 2 })
      expect(heartbeats()).toEqual([0, 2, 1])
      expect(lookUps()).toBe(2)
    },
  )

  it('is looked for again when a partition of the answer says that it has moved', async () => {
    const { cluster, transport } = await clusterOfGroup()
    const committed = (errorCode: number) => () => ({
      throttleTimeMs: 0,
      topics: [{ topic: 'orders', partitions: [{ partition: 0, errorCode }] }],
    })
    cluster.broker(2).once(offsetCommitApi, () => {
      cluster.coordinators.set('g', 3)
      return committed(codeOf('NOT_COORDINATOR'))()
    })
    cluster.broker(3).once(offsetCommitApi, committed(0))
    const partition = { partition: 0, committedOffset: 5, committedLeaderEpoch: -1, committedMetadata: null }
    const topics = [{ topic: 'orders', partitions: [partition] }]
    const request = { groupId: 'g', memberId: 'm', memberEpoch: 1, groupInstanceId: null, topics }
    expect(await transport.send(offsetCommit, request)).toMatchObject({
      topics: [{ topic: 'orders', partitions: [{ partition: 0, errorCode: 0 }] }],
    })
  })

  it('is looked for until there is one', async () => {
    const { cluster, transport, lookUps } = await clusterOfGroup()
    cluster.broker(1).once(
      findCoordinatorApi,
      () => unavailable('g', codeOf('COORDINATOR_NOT_AVAILABLE')),
      () => unavailable('g', codeOf('COORDINATOR_NOT_AVAILABLE')),
    )
    expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))).toMatchObject({ memberEpoch: 2 })
    expect(lookUps()).toBe(3)
  })

  it('is asked again when the connection is lost before it answers', async () => {
    const { cluster, transport, heartbeats } = await clusterOfGroup()
    cluster.broker(2).once(consumerGroupHeartbeatApi, () => {
      cluster.coordinators.set('g', 1)
      return closeConnection
    })
    expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))).toMatchObject({ memberEpoch: 2 })
    expect(heartbeats()).toEqual([1, 1, 0])
  })

  it('may have carried out what it refuses when it is asked again, if the connection was lost before', async () => {
    const { cluster, transport } = await clusterOfGroup()
    const refused = refusedHeartbeat(codeOf('GROUP_AUTHORIZATION_FAILED'))
    cluster.broker(2).once(consumerGroupHeartbeatApi, () => closeConnection, refused, refused)
    const attempt = (): Promise<unknown> => transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
    await expect(attempt()).rejects.toMatchObject({ code: 'UNAUTHORIZED', outcome: 'unknown' })
    await expect(attempt()).rejects.toMatchObject({ code: 'UNAUTHORIZED', outcome: 'failed' })
  })

  it('is asked again when it was away, at the place where another is by then', async () => {
    const { cluster, transport, heartbeats } = await clusterOfGroup()
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
    await cluster.broker(2).stop()
    cluster.coordinators.set('g', 3)
    expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))).toMatchObject({ memberEpoch: 2 })
    expect(heartbeats()).toEqual([0, 1, 1])
  })

  it('may be a broker that nobody has spoken of before', async () => {
    const { cluster, transport, heartbeats } = await clusterOfGroup()
    cluster.broker(1).once(metadataApi, () => {
      const answer = cluster.describe([])
      return { ...answer, brokers: answer.brokers.slice(0, 1) }
    })
    await transport.send(consumerGroupHeartbeat, heartbeatOf('other'))
    expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))).toMatchObject({ memberEpoch: 2 })
    expect(heartbeats()).toEqual([1, 1, 0])
  })

  it('has the last word when what it refuses does not pass', async () => {
    const { cluster, transport, heartbeats } = await clusterOfGroup()
    cluster.broker(2).once(consumerGroupHeartbeatApi, refusedHeartbeat(codeOf('FENCED_MEMBER_EPOCH'), 'too old'))
    const error = await outcomeOf(transport.send(consumerGroupHeartbeat, heartbeatOf('g')))
    expect(error).toBeInstanceOf(MemberFencedError)
    expect(error).toMatchObject({ message: expect.stringContaining('too old'), outcome: 'failed' })
    expect(heartbeats()).toEqual([0, 1, 0])
  })

  it('that does not settle within the timeout ends in an error that says why', async () => {
    const { clock, cluster, transport, heartbeats } = await clusterOfGroup()
    cluster.broker(2).always(consumerGroupHeartbeatApi, refusedHeartbeat(codeOf('COORDINATOR_LOAD_IN_PROGRESS')))
    const outcome = outcomeOf(transport.send(consumerGroupHeartbeat, heartbeatOf('g')))
    await cluster.broker(2).asked(consumerGroupHeartbeatApi, 2)
    clock.advance('30s')
    const error = await within(outcome, 'the answer')
    expect(error).toMatchObject({ retriable: true, message: expect.stringContaining('COORDINATOR_LOAD_IN_PROGRESS') })
    expect(heartbeats()[1]).toBeGreaterThanOrEqual(2)
  })
})

describe('the coordinator of a transaction', () => {
  const request = { transactionalId: 't', transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }

  it('is looked for as such, and not taken for that of a group of the same name', async () => {
    const { cluster, transport } = await clusterOfGroup()
    cluster.coordinators.set('t', 3)
    cluster.broker(3).always(initProducerIdApi, () => ({
      throttleTimeMs: 0,
      errorCode: 0,
      producerId: 9,
      producerEpoch: 1,
    }))
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
    expect(await transport.send(initProducerId, request)).toEqual({
      throttleTimeMs: 0,
      producerId: 9,
      producerEpoch: 1,
    })
    const asked = cluster.brokers.flatMap((broker) => broker.requestsOf(findCoordinatorApi))
    expect(asked).toMatchObject([
      { keyType: 0, coordinatorKeys: ['g'] },
      { keyType: 1, coordinatorKeys: ['t'] },
    ])
  })

  it('is asked again while a transaction of the same id ends', async () => {
    const { cluster, transport } = await clusterOfGroup()
    const answer = (errorCode: number) => () => ({ throttleTimeMs: 0, errorCode, producerId: 1, producerEpoch: 2 })
    cluster.broker(1).once(endTxnApi, answer(codeOf('CONCURRENT_TRANSACTIONS')), answer(0))
    const ending = { transactionalId: 't', producerId: 1, producerEpoch: 1, committed: true }
    expect(await transport.send(endTxn, ending)).toEqual({ throttleTimeMs: 0, producerId: 1, producerEpoch: 2 })
  })
})

describe('what any broker gives out', () => {
  it('is asked of another when the connection is lost, as a producer id more does no harm', async () => {
    const { cluster, transport } = await clusterOfGroup()
    for (const broker of cluster.brokers)
      broker.always(initProducerIdApi, () => ({ throttleTimeMs: 0, errorCode: 0, producerId: 9, producerEpoch: 0 }))
    cluster.broker(1).once(initProducerIdApi, () => closeConnection)
    const request = { transactionalId: null, transactionTimeoutMs: 0, producerId: -1, producerEpoch: -1 }
    expect(await transport.send(initProducerId, request)).toMatchObject({ producerId: 9 })
  })
})

const described = (groupId: string, errorCode = 0) => ({
  errorCode,
  errorMessage: null,
  groupId,
  groupState: 'Stable',
  groupEpoch: 4,
  assignmentEpoch: 4,
  assignorName: 'uniform',
  members: [],
  authorizedOperations: 0,
})

describe('several groups', () => {
  async function clusterOfGroups() {
    const context = await clusterOfGroup()
    for (const [groupId, nodeId] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      context.cluster.coordinators.set(groupId, nodeId)
    for (const broker of context.cluster.brokers)
      broker.always(consumerGroupDescribeApi, ({ groupIds }) => ({
        throttleTimeMs: broker.nodeId,
        groups: groupIds.map((groupId) => described(groupId)),
      }))
    return context
  }

  it('are asked about at their coordinators, and answered in the order of the request', async () => {
    const { cluster, transport } = await clusterOfGroups()
    const answer = await transport.send(describeGroups, { groupIds: ['c', 'a', 'b'] })
    expect(answer.groups.map(({ groupId }) => groupId)).toEqual(['c', 'a', 'b'])
    expect(answer.throttleTimeMs).toBe(3)
    expect(cluster.brokers.map((broker) => broker.requestsOf(consumerGroupDescribeApi))).toEqual(
      ['a', 'b', 'c'].map((groupId) => [{ groupIds: [groupId], includeAuthorizedOperations: false }]),
    )
  })

  it.each<KafkaErrorName>(['GROUP_AUTHORIZATION_FAILED', 'INVALID_GROUP_ID'])(
    'are answered when one of them is refused with %s',
    async (name) => {
      const { cluster, transport } = await clusterOfGroups()
      cluster.broker(2).once(consumerGroupDescribeApi, () => ({
        throttleTimeMs: 0,
        groups: [described('b', codeOf(name))],
      }))
      const { groups } = await transport.send(describeGroups, { groupIds: ['a', 'b', 'c'] })
      expect(groups.map(({ groupId, errorCode }) => [groupId, errorCode])).toEqual([
        ['a', 0],
        ['b', codeOf(name)],
        ['c', 0],
      ])
    },
  )

  it('are answered when the coordinator of one moves', async () => {
    const { cluster, transport } = await clusterOfGroups()
    cluster.broker(2).once(consumerGroupDescribeApi, () => {
      cluster.coordinators.set('b', 3)
      return { throttleTimeMs: 0, groups: [described('b', codeOf('NOT_COORDINATOR'))] }
    })
    const { groups } = await transport.send(describeGroups, { groupIds: ['a', 'b', 'c'] })
    expect(groups.map(({ errorCode }) => errorCode)).toEqual([0, 0, 0])
  })

  it.each<[string, KafkaErrorName]>([
    ['has no coordinator', 'COORDINATOR_NOT_AVAILABLE'],
    ['may not be looked for', 'GROUP_AUTHORIZATION_FAILED'],
  ])('are answered within the timeout when one of them %s', async (_, name) => {
    const { clock, cluster, transport } = await clusterOfGroups()
    for (const broker of cluster.brokers)
      broker.always(findCoordinatorApi, ({ coordinatorKeys: [key = ''] }) => {
        if (key === 'b') return unavailable(key, codeOf(name))
        const nodeId = cluster.coordinators.get(key) ?? 1
        return {
          throttleTimeMs: 0,
          coordinators: [{ key, nodeId, host: '', port: 0, errorCode: 0, errorMessage: null }],
        }
      })
    const answer = outcomeOf(transport.send(describeGroups, { groupIds: ['a', 'b', 'c'] }))
    await cluster.broker(3).asked(consumerGroupDescribeApi)
    await cluster.broker(1).asked(findCoordinatorApi, 3)
    clock.advance('29.5s')
    expect(await within(answer, 'the answer')).toMatchObject({
      groups: [
        { groupId: 'a', errorCode: 0 },
        { groupId: 'b', errorCode: codeOf(name), groupState: 'Dead' },
        { groupId: 'c', errorCode: 0 },
      ],
    })
  })

  it('are answered within the timeout when the coordinator of one cannot be reached', async () => {
    const { clock, cluster, transport } = await clusterOfGroups()
    await transport.send(describeGroups, { groupIds: ['a'] })
    await cluster.broker(2).stop()
    const answer = outcomeOf(transport.send(describeGroups, { groupIds: ['a', 'b', 'c'] }))
    await cluster.broker(1).asked(findCoordinatorApi, 4)
    clock.advance('29.5s')
    const { groups } = (await within(answer, 'the answer')) as { groups: { groupId: string; errorCode: number }[] }
    expect(groups.map(({ errorCode }) => errorCode === 0)).toEqual([true, false, true])
  })

  it('are asked about as classic ones when their coordinator does not know them as new ones', async () => {
    const { cluster, transport } = await clusterOfGroups()
    cluster.broker(2).once(consumerGroupDescribeApi, () => ({
      throttleTimeMs: 0,
      groups: [described('b', codeOf('GROUP_ID_NOT_FOUND'))],
    }))
    const member = {
      memberId: 'm',
      groupInstanceId: null,
      clientId: 'c',
      clientHost: '/127.0.0.1',
      memberMetadata: new Uint8Array(Buffer.from('0001000000010006' + '6f7264657273' + 'ffffffff', 'hex')),
      memberAssignment: new Uint8Array(
        Buffer.from('0001' + '00000001' + '0006' + '6f7264657273' + '00000001' + '00000004', 'hex'),
      ),
    }
    const strange = { ...member, memberId: 's', memberMetadata: Uint8Array.of(9), memberAssignment: new Uint8Array(0) }
    cluster.broker(2).once(describeGroupsApi, () => ({
      throttleTimeMs: 0,
      groups: [
        {
          errorCode: 0,
          errorMessage: null,
          groupId: 'b',
          groupState: 'Stable',
          protocolType: 'consumer',
          protocolData: 'range',
          members: [member, strange],
          authorizedOperations: 0,
        },
      ],
    }))
    const { groups } = await transport.send(describeGroups, { groupIds: ['a', 'b'] })
    expect(groups).toMatchObject([
      { groupId: 'a' },
      {
        groupId: 'b',
        errorCode: 0,
        assignorName: 'range',
        members: [
          { memberId: 'm', subscribedTopicNames: ['orders'], assignment: [{ topic: 'orders', partitions: [4] }] },
          { memberId: 's', subscribedTopicNames: [], assignment: [] },
        ],
      },
    ])
  })

  it('that are deleted are not deleted twice when the connection is lost; the others are', async () => {
    const { cluster, transport } = await clusterOfGroups()
    for (const broker of cluster.brokers)
      broker.always(deleteGroupsApi, ({ groups }) => ({
        throttleTimeMs: 0,
        results: groups.map((groupId) => ({ groupId, errorCode: 0 })),
      }))
    cluster.broker(2).once(deleteGroupsApi, () => closeConnection)
    const { results } = await transport.send(deleteGroups, { groups: ['a', 'b', 'c'] })
    expect(results.map(({ groupId, errorCode }) => [groupId, errorCode])).toEqual([
      ['a', 0],
      ['b', codeOf('NETWORK_EXCEPTION')],
      ['c', 0],
    ])
    expect(cluster.broker(2).requestsOf(deleteGroupsApi)).toHaveLength(1)
  })

  it('of which the coordinator says nothing have an error', async () => {
    const { cluster, transport } = await clusterOfGroups()
    cluster.broker(1).always(describeTransactionsApi, () => ({ throttleTimeMs: 0, transactionStates: [] }))
    const { transactionStates } = await transport.send(describeTransactions, { transactionalIds: ['t'] })
    expect(transactionStates).toMatchObject([{ transactionalId: 't', errorCode: -1 }])
  })
})

describe('a list of what all brokers have', () => {
  const listed =
    (groupId: string, errorCode = 0) =>
    () => ({
      throttleTimeMs: 0,
      errorCode,
      groups:
        groupId === '' ? [] : [{ groupId, protocolType: 'consumer', groupState: 'Stable', groupType: 'consumer' }],
    })
  const all = { statesFilter: [], typesFilter: [] }
  const namesIn = ({ groups }: { groups: { groupId: string }[] }): string[] =>
    groups.map(({ groupId }) => groupId).toSorted()

  it('is put together, without those brokers that cannot be reached', async () => {
    const { cluster, transport } = await clusterOfGroup()
    for (const broker of cluster.brokers) broker.always(listGroupsApi, listed(`of ${broker.nodeId}`))
    expect(namesIn(await transport.send(listGroups, all))).toEqual(['of 1', 'of 2', 'of 3'])
    await cluster.broker(2).stop()
    expect(namesIn(await transport.send(listGroups, all))).toEqual(['of 1', 'of 3'])
  })

  it('is asked for again while the coordinator of one broker is loading', async () => {
    const { cluster, transport } = await clusterOfGroup()
    for (const broker of cluster.brokers) broker.always(listGroupsApi, listed(`of ${broker.nodeId}`))
    cluster.broker(3).once(listGroupsApi, listed('', codeOf('COORDINATOR_LOAD_IN_PROGRESS')))
    expect(namesIn(await transport.send(listGroups, all))).toEqual(['of 1', 'of 2', 'of 3'])
  })

  it('is not empty because the first broker was just starting, and knew of nobody', async () => {
    const { cluster, transport } = await clusterOfGroup()
    for (const broker of cluster.brokers) broker.always(listGroupsApi, listed(`of ${broker.nodeId}`))
    cluster.broker(1).once(metadataApi, () => ({ ...cluster.describe([]), brokers: [] }))
    const answer = await outcomeOf(transport.send(listGroups, all))
    // A retriable error is right too; a list without existing groups would be wrong.
    if (KafkaError.is(answer)) expect(answer).toMatchObject({ retriable: true })
    else expect(namesIn(answer as { groups: { groupId: string }[] })).toEqual(['of 1', 'of 2', 'of 3'])
  })
})

describe('brokers that cannot be reached', () => {
  const all = { statesFilter: [], typesFilter: [] }
  const request = { transactionalId: null, transactionTimeoutMs: 0, producerId: -1, producerEpoch: -1 }

  it.each<[string, (transport: Transport) => Promise<unknown>]>([
    ['heartbeat', (transport) => transport.send(consumerGroupHeartbeat, heartbeatOf('g'))],
    ['initProducerId', (transport) => transport.send(initProducerId, request)],
    ['listGroups', (transport) => transport.send(listGroups, all)],
  ])('end %s after the configured retries, not at the timeout', async (_, send) => {
    const { cluster } = await clusterOfGroup(1)
    const address = cluster.broker(1).address
    await cluster.broker(1).stop()
    const outcome = await within(outcomeOf(send(cluster.connect({ brokers: address, retries: 1 }))), 'the error')
    expect(outcome).toBeInstanceOf(DisconnectedError)
    expect(outcome).toMatchObject({ outcome: 'failed', message: expect.stringContaining(address) })
  })

  it('are not what a broker is that never answers', async () => {
    const { clock, cluster, transport } = await clusterOfGroup()
    cluster.broker(2).once(consumerGroupHeartbeatApi, () => neverAnswer)
    const outcome = outcomeOf(transport.send(consumerGroupHeartbeat, heartbeatOf('g')))
    await cluster.broker(2).asked(consumerGroupHeartbeatApi)
    clock.advance('30s')
    expect(await within(outcome, 'the error')).toBeInstanceOf(TimeoutError)
    expect(await outcome).toMatchObject({ outcome: 'unknown' })
  })
})
