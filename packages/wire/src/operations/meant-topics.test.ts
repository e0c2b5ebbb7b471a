import {
  type AnyOperation,
  codeOf,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  type RequestOf,
  type ResponseOf,
  txnOffsetCommit,
} from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import type { FakeBroker } from '../../test/fake-broker.ts'
import { type FakeCluster, startCluster } from '../../test/fake-cluster.ts'
import { fetchedFrom } from '../../test/fake-partitions.ts'
import { batchOf } from '../../test/record-batches.ts'
import { fetching, listing } from '../../test/requests.ts'
import { within } from '../../test/waiting.ts'
import { listOffsetsApi } from '../cluster/list-offsets-api.ts'
import type { AnyApiVersion } from '@kafkado/messages'
import { fetchApi } from './01-fetch.ts'
import { offsetCommitApi } from './08-offset-commit.ts'
import { offsetFetchApi } from './09-offset-fetch.ts'
import { txnOffsetCommitApi } from './28-txn-offset-commit.ts'

const ghost = '99999999-9999-4999-8999-999999999999'
const unknownTopicId = codeOf('UNKNOWN_TOPIC_ID')
const inconsistentTopicId = codeOf('INCONSISTENT_TOPIC_ID')

/** The topics `orders` and `bills`, which the transport knows, and a coordinator that accepts every request. */
async function clusterOfTopics() {
  const { cluster, transport } = await startCluster(1)
  for (const name of ['orders', 'bills']) cluster.addTopic(name, [1])
  await transport.send(metadata, { topics: ['orders', 'bills'], allowAutoTopicCreation: false })
  const broker = cluster.broker(1)
  takesOffsets(broker)
  return { cluster, transport, broker }
}

function takesOffsets(broker: FakeBroker): void {
  for (const api of [offsetCommitApi, txnOffsetCommitApi])
    broker.always<{ topics: { topic: string; partitions: { partition: number }[] }[] }, unknown>(api, ({ topics }) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, errorCode: 0 })),
      })),
    }))
  broker.always(offsetFetchApi, ({ groups }) => ({
    throttleTimeMs: 0,
    groups: groups.map(({ groupId, topics }) => ({
      groupId,
      errorCode: 0,
      topics: (topics ?? []).map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((partition) => ({
          partition,
          committedOffset: 4,
          committedLeaderEpoch: -1,
          metadata: '',
          errorCode: 0,
        })),
      })),
    })),
  }))
}

type Ids = Readonly<Record<string, string | undefined>>
type Asked = readonly { readonly topic: string }[]

/** Requests for partition 0 of topics, with the ids that the topics must have. */
const identified = <T extends Asked>(topics: T, ids: Ids): T =>
  topics.map((topic) => ({ ...topic, topicId: ids[topic.topic] })) as unknown as T
const names = ['orders', 'bills']
const offsets = names.map((topic) => ({
  topic,
  partitions: [{ partition: 0, committedOffset: 3, committedLeaderEpoch: -1, committedMetadata: null }],
}))
const member = { groupId: 'g', memberId: '', groupInstanceId: null }
const producer = { transactionalId: 't', producerId: 1, producerEpoch: 0 }

/** An operation with topic ids in its requests, and the API that carries it out. */
interface Case<O extends AnyOperation = AnyOperation> {
  readonly operation: O
  readonly api: AnyApiVersion
  request(): RequestOf<O>
}

const cases: Record<string, Case> = {
  fetch: { operation: fetch, api: fetchApi, request: () => fetching({ orders: [0], bills: [0] }) },
  listOffsets: { operation: listOffsets, api: listOffsetsApi, request: () => listing({ orders: [0], bills: [0] }) },
  offsetCommit: {
    operation: offsetCommit,
    api: offsetCommitApi,
    request: () => ({ ...member, memberEpoch: -1, topics: offsets }),
  },
  txnOffsetCommit: {
    operation: txnOffsetCommit,
    api: txnOffsetCommitApi,
    request: () => ({ ...member, ...producer, generationId: -1, topics: offsets }),
  },
  offsetFetch: {
    operation: offsetFetch,
    api: offsetFetchApi,
    request: () => ({
      groupId: 'g',
      memberId: null,
      memberEpoch: -1,
      requireStable: true,
      topics: names.map((topic) => ({ topic, partitions: [0] })),
    }),
  },
}

/** The error codes of an answer, by topic. */
const codes = ({ topics }: { topics: ResponseOf<typeof offsetCommit>['topics'] }): Record<string, number | undefined> =>
  Object.fromEntries(topics.map(({ topic, partitions }) => [topic, partitions[0]?.errorCode]))

describe.each(Object.entries(cases))('%s that says ids', (_, { operation, api, request }) => {
  const asking = async (cluster: FakeCluster, transport: { send: (...args: never[]) => unknown }, ids: Ids) => {
    const asked = request() as { topics: Asked }
    const send = transport.send.bind(transport) as (operation: AnyOperation, request: unknown) => Promise<unknown>
    const answer = await within(
      send(operation, { ...asked, topics: identified(asked.topics, ids) }),
      `${operation.name} of ${cluster.topics.size} topics`,
    )
    return codes(answer as never)
  }

  it('is carried out where they are those of the topics', async () => {
    const { cluster, transport } = await clusterOfTopics()
    const ids = { orders: cluster.idOf('orders'), bills: cluster.idOf('bills') }
    expect(await asking(cluster, transport, ids)).toEqual({ orders: 0, bills: 0 })
  })

  it('is refused for a topic that was made anew, and carried out for the others', async () => {
    const { cluster, transport } = await clusterOfTopics()
    const ids = { orders: cluster.idOf('orders'), bills: cluster.idOf('bills') }
    cluster.addTopic('orders', [1])
    expect(await asking(cluster, transport, ids)).toEqual({ orders: unknownTopicId, bills: 0 })
  })

  it('is carried out for the new topic, although the transport still knew the old one', async () => {
    const { cluster, transport } = await clusterOfTopics()
    cluster.addTopic('orders', [1])
    expect(await asking(cluster, transport, { orders: cluster.idOf('orders') })).toEqual({ orders: 0, bills: 0 })
  })

  it('is refused for a topic that is gone', async () => {
    const { cluster, transport } = await clusterOfTopics()
    const ids = { orders: cluster.idOf('orders') }
    cluster.topics.delete('orders')
    expect(await asking(cluster, transport, ids)).toEqual({ orders: unknownTopicId, bills: 0 })
  })

  it('is refused with the id of another topic: who may use one name must not reach another by its id', async () => {
    const { cluster, transport } = await clusterOfTopics()
    const ids = { orders: cluster.idOf('bills') }
    expect(await asking(cluster, transport, ids)).toEqual({ orders: inconsistentTopicId, bills: 0 })
  })

  it('does not ask for what is refused for all topics', async () => {
    const { cluster, transport, broker } = await clusterOfTopics()
    expect(await asking(cluster, transport, { orders: ghost, bills: ghost })).toEqual({
      orders: unknownTopicId,
      bills: unknownTopicId,
    })
    expect(broker.requestsOf(api)).toEqual([])
  })
})

describe('a fetch by name', () => {
  it('reads the new topic although the transport knew the old one, without an error in between', async () => {
    const { cluster, transport } = await clusterOfTopics()
    cluster.addTopic('orders', [1])
    cluster.append('orders', 0, batchOf({ bytes: 100, mark: 6 }))
    const { topics } = await within(transport.send(fetch, fetching({ orders: [0] })), 'the fetch')
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
    expect(topics[0]?.partitions[0]?.records.at(-1)).toBe(6)
  })

  it('is told of a missing topic when the leader goes on not knowing the id', async () => {
    const { cluster, transport, broker } = await clusterOfTopics()
    broker.always(fetchApi, ({ topics }) => ({
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 0,
      topics: topics.map(({ topicId }) => ({
        topicId,
        partitions: [fetchedFrom(0, new Uint8Array(0), 0, unknownTopicId)],
      })),
    }))
    const byName = await within(transport.send(fetch, fetching({ orders: [0] })), 'the fetch by name')
    expect(codes(byName)).toEqual({ orders: codeOf('UNKNOWN_TOPIC_OR_PARTITION') })
    const request = fetching({ orders: [0] })
    const topics = identified(request.topics, { orders: cluster.idOf('orders') })
    const byId = await within(transport.send(fetch, { ...request, topics }), 'the fetch by id')
    expect(codes(byId)).toEqual({ orders: unknownTopicId })
  })

  it('that waits does not join one for the topic that had the name before', async () => {
    const clock = new ManualClock()
    const { cluster, transport } = await startCluster(2, clock)
    cluster.addTopic('orders', [1, 2])
    const request = fetching({ orders: [0, 1] }, { maxWaitMs: 5000 })
    const first = transport.send(fetch, request)
    for (const broker of cluster.brokers) await broker.asked(fetchApi, 2)
    cluster.append('orders', 0, batchOf({ bytes: 100, mark: 1 }))
    await within(first, 'the first fetch')
    // The poll at broker 2 continues, for the old topic.
    cluster.addTopic('orders', [1, 2])
    await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
    const second = transport.send(fetch, request)
    await cluster.broker(2).asked(fetchApi, 4)
    cluster.append('orders', 1, batchOf({ bytes: 100, mark: 2 }))
    const { topics } = await within(second, 'the second fetch')
    expect(topics[0]?.partitions.map(({ records }) => records.at(-1))).toEqual([undefined, 2])
  })
})

describe('the offset at a time', () => {
  it('is not that of a topic which took the place of the other while the leader looked', async () => {
    const { cluster, transport, broker } = await clusterOfTopics()
    const topics = identified(listing({ orders: [0] }).topics, { orders: cluster.idOf('orders') })
    broker.once(listOffsetsApi, () => {
      cluster.addTopic('orders', [1])
      const partition = { partition: 0, errorCode: 0, timestamp: -1, offset: 77, leaderEpoch: -1 }
      return { throttleTimeMs: 0, topics: [{ topic: 'orders', partitions: [partition] }] }
    })
    const answer = await within(transport.send(listOffsets, { ...listing({}), topics }), 'listOffsets')
    expect(answer.topics[0]?.partitions[0]).toMatchObject({ errorCode: unknownTopicId, offset: -1 })
  })
})
