import {
  addPartitionsToTxn,
  codeOf,
  deleteRecords,
  describeProducers,
  listTransactions,
  offsetDelete,
  offsetFetch,
  txnOffsetCommit,
  UnauthorizedError,
} from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { startCluster } from '../../test/fake-cluster.ts'
import { offsetFetchApi } from './09-offset-fetch.ts'
import { deleteRecordsApi } from './21-delete-records.ts'
import { addPartitionsToTxnApi } from './24-add-partitions-to-txn.ts'
import { txnOffsetCommitApi } from './28-txn-offset-commit.ts'
import { offsetDeleteApi } from './47-offset-delete.ts'
import { describeProducersApi } from './61-describe-producers.ts'
import { listTransactionsApi } from './66-list-transactions.ts'

/** Operations whose answers need more than forwarding. */

async function clusterOfOrders(leaders: readonly number[] = [1, 1]) {
  const { cluster, transport } = await startCluster(Math.max(...leaders))
  cluster.addTopic('orders', leaders)
  return { cluster, transport, broker: cluster.broker(1) }
}

const producer = { transactionalId: 't', producerId: 1, producerEpoch: 2 }
const errorsOf = (...codes: number[]) => [
  { topic: 'orders', partitions: codes.map((errorCode, partition) => ({ partition, errorCode })) },
]

describe('offsetFetch', () => {
  const asking = {
    groupId: 'g',
    memberId: null,
    memberEpoch: -1,
    topics: [{ topic: 'orders', partitions: [0, 1] }],
    requireStable: true,
  }
  const committed = (partition: number, committedOffset: number, metadata: string | null) => ({
    partition,
    committedOffset,
    committedLeaderEpoch: -1,
    metadata,
    errorCode: 0,
  })

  it('has no metadata where nothing was committed', async () => {
    const { transport, broker } = await clusterOfOrders()
    const topics = [{ topic: 'orders', partitions: [committed(0, 5, ''), committed(1, -1, '')] }]
    broker.once(offsetFetchApi, () => ({ throttleTimeMs: 2, groups: [{ groupId: 'g', topics, errorCode: 0 }] }))
    const answer = await transport.send(offsetFetch, asking)
    expect(answer).toMatchObject({
      throttleTimeMs: 2,
      topics: [{ partitions: [{ metadata: '' }, { metadata: null }] }],
    })
    expect(broker.requestsOf(offsetFetchApi)).toMatchObject([
      { groups: [{ groupId: 'g', memberId: null, memberEpoch: -1, topics: asking.topics }], requireStable: true },
    ])
  })

  it('fails as a whole with the error of the group, or when the broker says nothing of it', async () => {
    const { transport, broker } = await clusterOfOrders()
    const group = { groupId: 'g', topics: [], errorCode: codeOf('GROUP_AUTHORIZATION_FAILED') }
    broker.once(
      offsetFetchApi,
      () => ({ throttleTimeMs: 0, groups: [group] }),
      () => ({ throttleTimeMs: 0, groups: [] }),
    )
    await expect(transport.send(offsetFetch, asking)).rejects.toBeInstanceOf(UnauthorizedError)
    await expect(transport.send(offsetFetch, asking)).rejects.toMatchObject({ kafkaCode: -1 })
  })
})

describe('what is answered by partition', () => {
  const txnOffsets = {
    ...producer,
    groupId: 'g',
    generationId: -1,
    memberId: '',
    groupInstanceId: null,
    topics: [
      {
        topic: 'orders',
        partitions: [0, 1].map((partition) => ({
          partition,
          committedOffset: 5,
          committedLeaderEpoch: -1,
          committedMetadata: null,
        })),
      },
    ],
  }
  const enrolling = { ...producer, topics: [{ topic: 'orders', partitions: [0, 1] }] }

  it.each([
    ['the commit of offsets in a transaction', txnOffsetCommitApi, txnOffsetCommit, txnOffsets],
    ['the enrolment of partitions', addPartitionsToTxnApi, addPartitionsToTxn, enrolling],
  ] as const)('is that of the partition for %s', async (_, api, operation, request) => {
    const { transport, broker } = await clusterOfOrders()
    const topics = errorsOf(0, codeOf('TOPIC_AUTHORIZATION_FAILED'))
    broker.once(api as typeof txnOffsetCommitApi, () => ({ throttleTimeMs: 0, topics }))
    const answer = await transport.send(operation as typeof txnOffsetCommit, request as typeof txnOffsets)
    expect(answer.topics[0]?.partitions).toMatchObject([
      { partition: 0, errorCode: 0 },
      { partition: 1, errorCode: 29, errorMessage: expect.any(String) as string },
    ])
  })

  it.each([
    ['the commit of offsets in a transaction', txnOffsetCommitApi, txnOffsetCommit, txnOffsets],
    ['the enrolment of partitions', addPartitionsToTxnApi, addPartitionsToTxn, enrolling],
  ] as const)('fails %s as a whole where it is said of the producer', async (_, api, operation, request) => {
    const { transport, broker } = await clusterOfOrders()
    const code = codeOf('INVALID_PRODUCER_EPOCH')
    broker.once(api as typeof txnOffsetCommitApi, () => ({ throttleTimeMs: 0, topics: errorsOf(code, code) }))
    const sending = transport.send(operation as typeof txnOffsetCommit, request as typeof txnOffsets)
    await expect(sending).rejects.toMatchObject({ kafkaCode: code, outcome: 'failed' })
  })

  it('comes in the order of the request, and is an error where the broker says nothing', async () => {
    const { transport, broker } = await clusterOfOrders()
    broker.once(offsetDeleteApi, () => ({
      errorCode: 0,
      throttleTimeMs: 0,
      topics: [
        { topic: 'bills', partitions: [{ partition: 0, errorCode: 0 }] },
        {
          topic: 'orders',
          partitions: [
            { partition: 1, errorCode: codeOf('GROUP_SUBSCRIBED_TO_TOPIC') },
            { partition: 0, errorCode: 0 },
          ],
        },
      ],
    }))
    const request = {
      groupId: 'g',
      topics: [
        { topic: 'orders', partitions: [0, 1] },
        { topic: 'bills', partitions: [0] },
      ],
    }
    const { topics } = await transport.send(offsetDelete, request)
    expect(topics.map(({ topic, partitions }) => [topic, ...partitions.map(({ errorCode }) => errorCode)])).toEqual([
      ['orders', 0, 86],
      ['bills', 0],
    ])
    broker.once(offsetDeleteApi, () => ({ errorCode: 0, throttleTimeMs: 0, topics: [] }))
    await expect(transport.send(offsetDelete, request)).rejects.toMatchObject({ kafkaCode: -1 })
  })
})

describe('deleteRecords', () => {
  it('asks the leaders, and asks again where they have moved', async () => {
    const { cluster, transport } = await clusterOfOrders([1, 2])
    for (const broker of cluster.brokers)
      broker.always(deleteRecordsApi, ({ topics }) => ({
        throttleTimeMs: 0,
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, offset }) => {
            const leads = cluster.partition(topic, partition).leaderId === broker.nodeId
            return { partition, lowWatermark: leads ? offset : -1, errorCode: leads ? 0 : 6 }
          }),
        })),
      }))
    const request = {
      timeoutMs: 1000,
      topics: [{ topic: 'orders', partitions: [0, 1].map((partition) => ({ partition, offset: 7 + partition })) }],
    }
    expect(await transport.send(deleteRecords, request)).toMatchObject({
      topics: [{ partitions: [{ lowWatermark: 7 }, { lowWatermark: 8 }] }],
    })
    cluster.moveLeader('orders', 1, 1)
    expect(await transport.send(deleteRecords, request)).toMatchObject({
      topics: [{ partitions: [{ lowWatermark: 7 }, { lowWatermark: 8 }] }],
    })
    expect(cluster.broker(1).requestsOf(deleteRecordsApi)).toHaveLength(3)
  })
})

describe('describeProducers', () => {
  it('has what each leader says of its partitions, and an error for one that there is not', async () => {
    const { cluster, transport } = await clusterOfOrders([1, 2])
    const active = {
      producerId: 9,
      producerEpoch: 1,
      lastSequence: 4,
      lastTimestamp: 5,
      coordinatorEpoch: 0,
      currentTxnStartOffset: -1,
    }
    for (const broker of cluster.brokers)
      broker.always(describeProducersApi, ({ topics }) => ({
        throttleTimeMs: 0,
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map((partition) => ({
            partition,
            errorCode: 0,
            errorMessage: null,
            activeProducers: [{ ...active, producerId: broker.nodeId }],
          })),
        })),
      }))
    const { topics } = await transport.send(describeProducers, { topics: [{ topic: 'orders', partitions: [1, 0, 5] }] })
    expect(topics[0]?.partitions).toMatchObject([
      { partition: 1, errorCode: 0, activeProducers: [{ producerId: 2 }] },
      { partition: 0, errorCode: 0, activeProducers: [{ producerId: 1 }] },
      { partition: 5, errorCode: 3, activeProducers: [] },
    ])
  })
})

describe('listTransactions', () => {
  it('has those of all brokers, and each filter that none of them knows once', async () => {
    const { cluster, transport } = await clusterOfOrders([1, 2])
    for (const broker of cluster.brokers)
      broker.always(listTransactionsApi, () => ({
        throttleTimeMs: broker.nodeId,
        errorCode: 0,
        unknownStateFilters: ['Odd'],
        transactionStates: [{ transactionalId: `t${broker.nodeId}`, producerId: 1, transactionState: 'Ongoing' }],
      }))
    const request = { stateFilters: ['Odd', 'Ongoing'], producerIdFilters: [1], durationFilterMs: -1 }
    const answer = await transport.send(listTransactions, request)
    expect(answer).toMatchObject({ throttleTimeMs: 2, unknownStateFilters: ['Odd'] })
    expect(answer.transactionStates.map(({ transactionalId }) => transactionalId).toSorted()).toEqual(['t1', 't2'])
    expect(cluster.broker(2).requestsOf(listTransactionsApi)).toMatchObject([request])
  })
})
