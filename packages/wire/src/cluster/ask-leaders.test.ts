import { codeOf, fetch, type KafkaErrorName, listOffsets, metadata, offsetForLeaderEpoch, produce } from '@kafkado/core'
import { AdjustableClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { startCluster, unknownTopic } from '../../test/fake-cluster.ts'
import { fetchedFrom, producedAt } from '../../test/fake-partitions.ts'
import { batchOf } from '../../test/record-batches.ts'
import { fetching, listing, producing } from '../../test/requests.ts'
import { deferred, within } from '../../test/waiting.ts'
import { produceApi } from '../operations/00-produce.ts'
import { fetchApi } from '../operations/01-fetch.ts'
import { offsetForLeaderEpochApi } from '../operations/23-offset-for-leader-epoch.ts'
import { listOffsetsApi } from './list-offsets-api.ts'
import { metadataApi } from './metadata-api.ts'

const codes = (topics: readonly { partitions: readonly { errorCode: number }[] }[]): number[] =>
  topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))

/** A partition's answers: one error code per request while its leader is elsewhere, then success. */
const refusingOffsets = (errorCode: number) => () => ({
  throttleTimeMs: 0,
  topics: [{ topic: 'orders', partitions: [{ partition: 0, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }] }],
})
const refusingProduce = (errorCode: number) => () => ({
  topics: [{ topic: 'orders', partitions: [producedAt(0, -1, errorCode)] }],
  throttleTimeMs: 0,
})

const moved: KafkaErrorName[] = [
  'NOT_LEADER_OR_FOLLOWER',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
]

describe('partitions', () => {
  it('go to their leaders, each of which is asked once, and come back in the order of the request', async () => {
    const { cluster, transport } = await startCluster(3)
    cluster.addTopic('orders', [1, 2, 3, 1, 2, 3])
    cluster.addTopic('bills', [3, 2])
    for (const [partition, count] of [5, 4, 3, 2, 1, 0].entries())
      for (let batch = 0; batch < count; batch++) cluster.append('orders', partition, batchOf())
    const { topics } = await transport.send(listOffsets, listing({ orders: [5, 0, 4, 1], bills: [1, 0] }))
    expect(topics.map(({ topic }) => topic)).toEqual(['orders', 'bills'])
    expect(topics[0]?.partitions.map(({ partition, offset }) => [partition, offset])).toEqual([
      [5, 0],
      [0, 5],
      [4, 1],
      [1, 4],
    ])
    expect(topics[1]?.partitions.map(({ partition }) => partition)).toEqual([1, 0])
    const asked = cluster.brokers.map((broker) =>
      broker
        .requestsOf(listOffsetsApi)
        .map((request) =>
          request.topics.map(({ topic, partitions }) => [topic, ...partitions.map((one) => one.partition)]),
        ),
    )
    expect(asked).toEqual([
      [[['orders', 0]]],
      [
        [
          ['orders', 4, 1],
          ['bills', 1],
        ],
      ],
      [
        [
          ['orders', 5],
          ['bills', 0],
        ],
      ],
    ])
  })

  it('come back in the order of the request also when the broker answers in another', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1, 1, 1])
    cluster.addTopic('bills', [1])
    cluster.broker(1).always(listOffsetsApi, ({ topics }) => ({
      throttleTimeMs: 0,
      topics: topics.toReversed().map(({ topic, partitions }) => ({
        topic,
        partitions: partitions
          .toReversed()
          .map(({ partition }) => ({ partition, errorCode: 0, timestamp: -1, offset: partition * 10, leaderEpoch: 0 })),
      })),
    }))
    const { topics } = await transport.send(listOffsets, listing({ orders: [0, 2, 1], bills: [0] }))
    expect(topics.map(({ topic, partitions }) => [topic, ...partitions.map(({ offset }) => offset)])).toEqual([
      ['orders', 0, 20, 10],
      ['bills', 0],
    ])
  })

  it('of which a broker says nothing have an error, and are not missing from the answer', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1, 1])
    cluster.broker(1).always(produceApi, () => ({
      topics: [{ topic: 'orders', partitions: [producedAt(0, 3)] }],
      throttleTimeMs: 0,
    }))
    const { topics } = await transport.send(produce, producing({ orders: [0, 1] }))
    expect(topics[0]?.partitions[0]).toMatchObject({ partition: 0, errorCode: 0, baseOffset: 3 })
    expect(topics[0]?.partitions[1]).toMatchObject({ partition: 1, baseOffset: -1 })
    expect(topics[0]?.partitions[1]?.errorCode).not.toBe(0)
  })

  it('have the longest time for which any of their leaders throttles', async () => {
    const { cluster, transport } = await startCluster(3)
    cluster.addTopic('orders', [1, 2, 3])
    for (const [index, throttleTimeMs] of [5, 70, 6].entries()) {
      const broker = cluster.brokers[index]
      broker?.always(listOffsetsApi, () => ({
        throttleTimeMs,
        topics: [
          {
            topic: 'orders',
            partitions: [{ partition: index, errorCode: 0, timestamp: -1, offset: 0, leaderEpoch: 0 }],
          },
        ],
      }))
    }
    expect(await transport.send(listOffsets, listing({ orders: [0, 1, 2] }))).toMatchObject({ throttleTimeMs: 70 })
  })

  it('are not asked for where they lead while that is known', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [1, 2])
    for (let count = 0; count < 5; count++) await transport.send(listOffsets, listing({ orders: [0, 1] }))
    await transport.send(produce, producing({ orders: [1] }))
    expect(cluster.brokers.flatMap((broker) => broker.requestsOf(metadataApi))).toHaveLength(1)
  })
})

describe('a leader that has moved', () => {
  it.each(moved)('is looked for, and asked in turn, for a read that is refused with %s', async (name) => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [1, 1])
    await transport.send(listOffsets, listing({ orders: [0] }))
    cluster.broker(1).once(listOffsetsApi, refusingOffsets(codeOf(name)))
    cluster.moveLeader('orders', 0, 2)
    cluster.append('orders', 0, batchOf())
    const { topics } = await transport.send(listOffsets, listing({ orders: [0] }))
    expect(topics[0]?.partitions).toMatchObject([{ partition: 0, errorCode: 0, offset: 1 }])
    expect(cluster.broker(2).requestsOf(listOffsetsApi)).toHaveLength(1)
  })

  it('is asked again for a read when it does not know yet how far its followers are', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    cluster.append('orders', 0, batchOf())
    cluster.broker(1).once(listOffsetsApi, refusingOffsets(codeOf('OFFSET_NOT_AVAILABLE')))
    const { topics } = await transport.send(listOffsets, listing({ orders: [0] }))
    expect(topics[0]?.partitions).toMatchObject([{ errorCode: 0, offset: 1 }])
  })

  it('is asked only for the partitions that were refused', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [1, 1])
    cluster.addTopic('bills', [1])
    await transport.send(listOffsets, listing({ orders: [0, 1], bills: [0] }))
    cluster.moveLeader('orders', 0, 2)
    expect(codes((await transport.send(listOffsets, listing({ orders: [0, 1], bills: [0] }))).topics)).toEqual([
      0, 0, 0,
    ])
    expect(
      cluster
        .broker(2)
        .requestsOf(listOffsetsApi)
        .map(({ topics }) => topics),
    ).toEqual([[{ topic: 'orders', partitions: [expect.objectContaining({ partition: 0 })] }]])
  })

  it.each(moved)('ends a produce at once with %s, and the next one goes to the new leader', async (name) => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [1])
    await transport.send(produce, producing({ orders: [0] }))
    cluster.broker(1).once(produceApi, refusingProduce(codeOf(name)))
    cluster.moveLeader('orders', 0, 2)
    expect(codes((await transport.send(produce, producing({ orders: [0] }))).topics)).toEqual([codeOf(name)])
    expect(cluster.broker(1).requestsOf(produceApi)).toHaveLength(2)
    expect(cluster.broker(2).requestsOf(produceApi)).toHaveLength(0)
    expect(codes((await transport.send(produce, producing({ orders: [0] }))).topics)).toEqual([0])
    expect(cluster.broker(2).requestsOf(produceApi)).toHaveLength(1)
  })

  it('ends a fetch at once, and the next one goes to the new leader', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [1])
    await transport.send(fetch, fetching({ orders: [0] }))
    cluster.moveLeader('orders', 0, 2)
    cluster.append('orders', 0, batchOf())
    const [first, second] = [
      await transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs: 5000 })),
      await transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs: 5000 })),
    ]
    expect(codes(first.topics)).toEqual([codeOf('NOT_LEADER_OR_FOLLOWER')])
    expect(codes(second.topics)).toEqual([0])
    expect(cluster.brokers.map((broker) => broker.requestsOf(fetchApi).length)).toEqual([2, 1])
  })

  it.each<KafkaErrorName>(['TOPIC_AUTHORIZATION_FAILED', 'OFFSET_OUT_OF_RANGE', 'UNKNOWN_SERVER_ERROR'])(
    'is not what %s means: nobody is asked again',
    async (name) => {
      const { cluster, transport } = await startCluster(1)
      cluster.addTopic('orders', [1])
      cluster.broker(1).once(listOffsetsApi, refusingOffsets(codeOf(name)))
      expect(codes((await transport.send(listOffsets, listing({ orders: [0] }))).topics)).toEqual([codeOf(name)])
      expect(cluster.broker(1).requestsOf(listOffsetsApi)).toHaveLength(1)
      expect(cluster.broker(1).requestsOf(metadataApi)).toHaveLength(1)
    },
  )

  it('is looked for until the time is up, and then the last refusal is the answer', async () => {
    const clock = new AdjustableClock()
    const { cluster, transport } = await startCluster(1, clock)
    cluster.addTopic('orders', [1, 1])
    cluster.broker(1).always(listOffsetsApi, ({ topics }) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({
          partition,
          errorCode: partition === 0 ? codeOf('NOT_LEADER_OR_FOLLOWER') : 0,
          timestamp: -1,
          offset: 3,
          leaderEpoch: 0,
        })),
      })),
    }))
    const answer = transport.send(listOffsets, listing({ orders: [0, 1] }))
    await cluster.broker(1).asked(listOffsetsApi, 2)
    clock.advance('29.5s')
    expect(codes((await answer).topics)).toEqual([codeOf('NOT_LEADER_OR_FOLLOWER'), 0])
  })

  it('answers what a client wants to know of epochs that it does not share', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1, 1])
    cluster.broker(1).once(offsetForLeaderEpochApi, () => ({
      throttleTimeMs: 0,
      topics: [
        {
          topic: 'orders',
          partitions: [
            { errorCode: codeOf('FENCED_LEADER_EPOCH'), partition: 0, leaderEpoch: -1, endOffset: -1 },
            { errorCode: codeOf('UNKNOWN_LEADER_EPOCH'), partition: 1, leaderEpoch: -1, endOffset: -1 },
          ],
        },
      ],
    }))
    const partitions = [0, 1].map((partition) => ({ partition, currentLeaderEpoch: 1, leaderEpoch: 1 }))
    const { topics } = await transport.send(offsetForLeaderEpoch, { topics: [{ topic: 'orders', partitions }] })
    expect(codes(topics)).toEqual([codeOf('FENCED_LEADER_EPOCH'), codeOf('UNKNOWN_LEADER_EPOCH')])
    expect(cluster.broker(1).requestsOf(offsetForLeaderEpochApi)).toHaveLength(1)
  })
})

describe('metadata of a broker that is behind', () => {
  it('do not win over a later leader that is known', async () => {
    const { cluster, transport } = await startCluster(3)
    cluster.addTopic('orders', [2])
    const stale = cluster.describe([{ name: 'orders', topicId: null }])
    cluster.moveLeader('orders', 0, 3)
    await transport.send(listOffsets, listing({ orders: [0] }))
    cluster.broker(1).once(metadataApi, () => stale)
    await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
    await transport.send(listOffsets, listing({ orders: [0] }))
    expect(cluster.brokers.map((broker) => broker.requestsOf(listOffsetsApi).length)).toEqual([0, 0, 2])
  })

  it('do not win either when they are what is said after the leader has refused', async () => {
    const { cluster, transport } = await startCluster(3)
    cluster.addTopic('orders', [2])
    const stale = cluster.describe([{ name: 'orders', topicId: null }])
    cluster.moveLeader('orders', 0, 3)
    await transport.send(listOffsets, listing({ orders: [0] }))
    cluster.broker(3).once(listOffsetsApi, refusingOffsets(codeOf('NOT_LEADER_OR_FOLLOWER')))
    cluster.broker(1).once(metadataApi, () => stale)
    cluster.moveLeader('orders', 0, 1)
    expect(codes((await transport.send(listOffsets, listing({ orders: [0] }))).topics)).toEqual([0])
    expect(cluster.broker(2).requestsOf(listOffsetsApi)).toHaveLength(0)
  })

  it('of a topic that was deleted and made anew count, whatever its epoch', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [1])
    cluster.partition('orders', 0).leaderEpoch = 900
    await transport.send(listOffsets, listing({ orders: [0] }))
    cluster.addTopic('orders', [2])
    await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
    expect(codes((await transport.send(produce, producing({ orders: [0] }))).topics)).toEqual([0])
    expect(cluster.broker(2).requestsOf(produceApi)).toHaveLength(1)
  })
})

describe('a topic or partition that there is not', () => {
  it('is refused with words, and the others are answered', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    const { topics } = await transport.send(listOffsets, listing({ nowhere: [0], orders: [0, 7] }))
    expect(topics).toMatchObject([
      { topic: 'nowhere', partitions: [{ errorCode: 3, errorMessage: "there is no topic 'nowhere'", offset: -1 }] },
      {
        topic: 'orders',
        partitions: [
          { partition: 0, errorCode: 0 },
          {
            partition: 7,
            errorCode: 3,
            errorMessage: expect.stringMatching(/'orders' has 1 partition.*no partition 7/),
          },
        ],
      },
    ])
    expect(cluster.broker(1).requestsOf(listOffsetsApi)).toHaveLength(1)
  })

  it('is asked for anew by the next request, which finds it then', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    await transport.send(listOffsets, listing({ orders: [0, 1], bills: [0] }))
    cluster.topics.get('orders')?.partitions.push({ leaderId: 1, leaderEpoch: 0, batches: [] })
    cluster.addTopic('bills', [1])
    const { topics } = await transport.send(listOffsets, listing({ orders: [0, 1], bills: [0] }))
    expect(codes(topics)).toEqual([0, 0, 0])
  })

  it('is refused with the error of the metadata where that is another', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.broker(1).always(metadataApi, ({ topics }) => ({
      ...cluster.describe([]),
      topics: (topics ?? []).map(({ name }) =>
        unknownTopic(name, codeOf(name === 'a b' ? 'INVALID_TOPIC_EXCEPTION' : 'TOPIC_AUTHORIZATION_FAILED')),
      ),
    }))
    const { topics } = await transport.send(produce, producing({ 'a b': [0], secret: [0, 1] }))
    expect(codes(topics)).toEqual([17, 29, 29])
    for (const { partitions } of topics)
      for (const { errorMessage, baseOffset } of partitions) {
        expect(errorMessage).toEqual(expect.any(String))
        expect(baseOffset).toBe(-1)
      }
  })

  it('that is deleted while it is known ends a fetch and a produce at once', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    await transport.send(produce, producing({ orders: [0] }))
    cluster.topics.delete('orders')
    const fetched = await transport.send(fetch, fetching({ orders: [0] }, { maxWaitMs: 5000 }))
    expect(codes(fetched.topics)).toEqual([3])
    expect(codes((await transport.send(listOffsets, listing({ orders: [0] }))).topics)).toEqual([3])
  })
})

describe('a topic that others are told has moved', () => {
  it('is not taken for one that there is not, while another topic of the request is looked for', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    cluster.addTopic('bills', [1])
    await transport.send(listOffsets, listing({ orders: [0] }))
    const held = deferred()
    cluster.broker(1).once(metadataApi, async ({ topics }) => {
      await held.promise
      return cluster.describe(topics)
    })
    const both = transport.send(listOffsets, listing({ orders: [0], bills: [0] }))
    await cluster.broker(1).asked(metadataApi, 2)
    cluster.broker(1).once(produceApi, refusingProduce(codeOf('NOT_LEADER_OR_FOLLOWER')))
    await transport.send(produce, producing({ orders: [0] }))
    held.resolve()
    expect(codes((await within(both, 'the answer')).topics)).toEqual([0, 0])
  })
})

describe('a partition that has no leader', () => {
  it('ends a produce at once, and the next one finds the leader that there is then', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [-1, 1])
    const first = await transport.send(produce, producing({ orders: [0, 1] }))
    expect(codes(first.topics)).toEqual([codeOf('LEADER_NOT_AVAILABLE'), 0])
    expect(first.topics[0]?.partitions[0]?.errorMessage).toMatch(/'orders' partition 0 has no leader/)
    cluster.moveLeader('orders', 0, 2)
    expect(codes((await transport.send(produce, producing({ orders: [0] }))).topics)).toEqual([0])
  })

  it('is waited for by a read', async () => {
    const { cluster, transport } = await startCluster(2)
    cluster.addTopic('orders', [-1])
    cluster.broker(1).once(
      metadataApi,
      ({ topics }) => cluster.describe(topics),
      ({ topics }) => {
        cluster.moveLeader('orders', 0, 2)
        return cluster.describe(topics)
      },
    )
    expect(codes((await transport.send(listOffsets, listing({ orders: [0] }))).topics)).toEqual([0])
  })

  it('is waited for by a read also where the topic as a whole has none', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    cluster.broker(1).once(metadataApi, () => ({
      ...cluster.describe([]),
      topics: [unknownTopic('orders', codeOf('LEADER_NOT_AVAILABLE'))],
    }))
    expect(codes((await transport.send(listOffsets, listing({ orders: [0] }))).topics)).toEqual([0])
  })
})

describe('a produce', () => {
  it('without acknowledgement is answered as soon as it is sent', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1, 1])
    const { topics } = await transport.send(produce, producing({ orders: [0, 1] }, { acks: 0 }))
    expect(topics[0]?.partitions).toMatchObject([
      { partition: 0, errorCode: 0, baseOffset: -1 },
      { partition: 1, errorCode: 0, baseOffset: -1 },
    ])
    await cluster.broker(1).asked(produceApi)
    // The connection continues, and answers find their requests.
    expect(codes((await transport.send(produce, producing({ orders: [0] }))).topics)).toEqual([0])
    expect(new Set(cluster.broker(1).connectionsOf(produceApi)).size).toBe(1)
  })

  it('with more than a batch for a partition is refused for that partition alone', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1, 1])
    const request = producing({ orders: [0, 1] })
    const topic = request.topics[0] as (typeof request.topics)[number]
    topic.partitions[1] = { partition: 1, records: new Uint8Array(Buffer.concat([batchOf(), batchOf({ bytes: 70 })])) }
    const { topics } = await transport.send(produce, request)
    expect(codes(topics)).toEqual([0, codeOf('INVALID_RECORD')])
    expect(topics[0]?.partitions[1]?.errorMessage).toMatch(/70 bytes more/)
  })

  it('says why a record was refused', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1, 1])
    const refused = {
      ...producedAt(0, -1, codeOf('INVALID_RECORD')),
      recordErrors: [{ batchIndex: 0, message: 'no key' }],
    }
    const described = { ...producedAt(1, -1, codeOf('INVALID_RECORD')), errorMessage: 'all wrong' }
    cluster.broker(1).once(produceApi, () => ({
      topics: [{ topic: 'orders', partitions: [refused, described] }],
      throttleTimeMs: 0,
    }))
    const { topics } = await transport.send(produce, producing({ orders: [0, 1] }))
    expect(topics[0]?.partitions.map(({ errorMessage }) => errorMessage)).toEqual(['no key', 'all wrong'])
  })

  it('waits for the end of the transaction before, and for nothing else', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    const concurrent = refusingProduce(codeOf('CONCURRENT_TRANSACTIONS'))
    cluster.broker(1).once(produceApi, concurrent, concurrent, refusingProduce(codeOf('NOT_ENOUGH_REPLICAS')))
    const { topics } = await transport.send(produce, producing({ orders: [0] }, { transactionalId: 't' }))
    expect(codes(topics)).toEqual([codeOf('NOT_ENOUGH_REPLICAS')])
    expect(cluster.broker(1).requestsOf(produceApi)).toHaveLength(3)
  })
})

describe('what is fetched', () => {
  it('are whole batches as a plain Uint8Array, of which slice() is a copy', async () => {
    const { cluster, transport } = await startCluster(1)
    cluster.addTopic('orders', [1])
    const batches = new Uint8Array(Buffer.concat([batchOf({ bytes: 90, mark: 1 }), batchOf({ bytes: 80 })]))
    cluster.broker(1).once(fetchApi, () => ({
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 0,
      topics: [{ topicId: cluster.idOf('orders'), partitions: [fetchedFrom(0, batches.subarray(0, 169), 2)] }],
    }))
    const { topics } = await transport.send(fetch, fetching({ orders: [0] }))
    const records = topics[0]?.partitions[0]?.records
    expect(Buffer.from(records ?? [])).toEqual(Buffer.from(batchOf({ bytes: 90, mark: 1 })))
    expect(Buffer.isBuffer(records)).toBe(false)
  })
})
