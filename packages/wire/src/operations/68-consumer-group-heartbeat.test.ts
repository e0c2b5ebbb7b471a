import { codeOf, consumerGroupHeartbeat, metadata, produce } from '@kafkado/core'
import { AdjustableClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { type FakeCluster, type FakeTopic, startCluster, unknownTopic } from '../../test/fake-cluster.ts'
import { producedAt } from '../../test/fake-partitions.ts'
import { heartbeatOf, producing } from '../../test/requests.ts'
import { hurrying, within } from '../../test/waiting.ts'
import { metadataApi } from '../cluster/metadata-api.ts'
import { produceApi } from './00-produce.ts'
import { consumerGroupHeartbeatApi } from './68-consumer-group-heartbeat.ts'

const ghost = '99999999-9999-4999-8999-999999999999'

async function clusterOfTopics() {
  const clock = new AdjustableClock()
  const { cluster, transport } = await startCluster(1, clock)
  const orders = cluster.addTopic('orders', [1, 1])
  const bills = cluster.addTopic('bills', [1])
  return { clock, cluster, transport, orders, bills, broker: cluster.broker(1) }
}

const assigning =
  (...topicPartitions: { topicId: string | null; partitions: number[] }[]) =>
  () => ({
    throttleTimeMs: 0,
    errorCode: 0,
    errorMessage: null,
    memberId: 'm',
    memberEpoch: 2,
    heartbeatIntervalMs: 5000,
    assignment: { topicPartitions },
  })

const ownedOf = ({ name, topicId }: FakeTopic) => [{ topic: name, topicId, partitions: [0] }]

const ownedIn = (cluster: FakeCluster) =>
  cluster
    .broker(1)
    .requestsOf(consumerGroupHeartbeatApi)
    .map(({ topicPartitions }) => topicPartitions)

describe('a heartbeat', () => {
  it('speaks of topics by id to the broker, and by name to the member', async () => {
    const { cluster, transport, orders, bills, broker } = await clusterOfTopics()
    broker.once(
      consumerGroupHeartbeatApi,
      assigning({ topicId: bills.topicId, partitions: [0] }, { topicId: orders.topicId, partitions: [1, 0] }),
    )
    const topicPartitions = [{ topic: 'orders', partitions: [0, 1] }]
    expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions }))).toEqual({
      throttleTimeMs: 0,
      memberId: 'm',
      memberEpoch: 2,
      heartbeatIntervalMs: 5000,
      assignment: {
        topicPartitions: [
          { topic: 'bills', topicId: bills.topicId, partitions: [0] },
          { topic: 'orders', topicId: orders.topicId, partitions: [1, 0] },
        ],
      },
    })
    expect(ownedIn(cluster)).toEqual([[{ topicId: orders.topicId, partitions: [0, 1] }]])
  })

  it('says nothing of partitions where the member says nothing, nor does the answer', async () => {
    const { cluster, transport, broker } = await clusterOfTopics()
    expect(await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))).toMatchObject({ assignment: null })
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions: [] }))
    expect(ownedIn(cluster)).toEqual([null, []])
    expect(broker.requestsOf(metadataApi).flatMap(({ topics }) => topics ?? [])).toEqual([])
  })

  it('leaves out a topic of the member that is gone', async () => {
    const { cluster, transport, bills } = await clusterOfTopics()
    cluster.topics.delete('orders')
    const topicPartitions = [
      { topic: 'orders', partitions: [0] },
      { topic: 'bills', partitions: [0] },
    ]
    await within(transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions })), 'the heartbeat')
    expect(ownedIn(cluster)).toEqual([[{ topicId: bills.topicId, partitions: [0] }]])
  })

  it('leaves it to the coordinator to refuse a member that joins and owns something', async () => {
    const { cluster, transport, broker } = await clusterOfTopics()
    broker.once(consumerGroupHeartbeatApi, () => ({ ...assigning()(), errorCode: codeOf('INVALID_REQUEST') }))
    const request = heartbeatOf('g', { memberEpoch: 0, topicPartitions: [{ topic: 'nowhere', partitions: [0] }] })
    await expect(transport.send(consumerGroupHeartbeat, request)).rejects.toMatchObject({ kafkaCode: 42 })
    expect(ownedIn(cluster)).toEqual([[{ topicId: null, partitions: [0] }]])
  })

  it('names the topic that a member owns by the id that it had, also when one of that name was made anew', async () => {
    const { cluster, transport, orders } = await clusterOfTopics()
    const topicPartitions = [{ topic: 'orders', partitions: [0] }]
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions }))
    cluster.addTopic('orders', [1])
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions }))
    expect(ownedIn(cluster)).toEqual(Array(2).fill([{ topicId: orders.topicId, partitions: [0] }]))
  })

  it('names it by the id that the member says, also when the transport has learned of the new one', async () => {
    const { cluster, transport, orders } = await clusterOfTopics()
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions: ownedOf(orders) }))
    const anew = cluster.addTopic('orders', [1])
    await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions: ownedOf(orders) }))
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions: ownedOf(anew) }))
    expect(ownedIn(cluster).map((owned) => owned?.[0]?.topicId)).toEqual([orders.topicId, orders.topicId, anew.topicId])
  })

  it('names what a member owns also when a broker that does not know it yet is asked for its leaders', async () => {
    const { cluster, transport, orders, broker } = await clusterOfTopics()
    broker.once(consumerGroupHeartbeatApi, assigning({ topicId: orders.topicId, partitions: [0] }))
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
    broker.once(produceApi, () => ({
      topics: [{ topic: 'orders', partitions: [producedAt(0, -1, codeOf('NOT_LEADER_OR_FOLLOWER'))] }],
      throttleTimeMs: 0,
    }))
    await transport.send(produce, producing({ orders: [0] }))
    // The broker has just started. The coordinator would consider a missing topic's partitions as given up.
    broker.once(metadataApi, () => ({ ...cluster.describe([]), topics: [unknownTopic('orders', 3)] }))
    const topicPartitions = [{ topic: 'orders', partitions: [0] }]
    await transport.send(consumerGroupHeartbeat, heartbeatOf('g', { topicPartitions }))
    expect(ownedIn(cluster)).toEqual([null, [{ topicId: orders.topicId, partitions: [0] }]])
  })

  it('leaves out a topic of the assignment that no broker knows, and does not wait for it for long', async () => {
    const { clock, transport, bills, broker } = await clusterOfTopics()
    broker.once(
      consumerGroupHeartbeatApi,
      assigning({ topicId: ghost, partitions: [0] }, { topicId: bills.topicId, partitions: [0] }),
    )
    const answer = await hurrying(clock, transport.send(consumerGroupHeartbeat, heartbeatOf('g')))
    expect(answer.assignment).toEqual({
      topicPartitions: [{ topic: 'bills', topicId: bills.topicId, partitions: [0] }],
    })
    expect(broker.requestsOf(metadataApi).length).toBeLessThan(10)
  })

  it('waits for the name of a topic that a broker does not know yet', async () => {
    const { cluster, transport, orders, broker } = await clusterOfTopics()
    broker.once(consumerGroupHeartbeatApi, assigning({ topicId: orders.topicId, partitions: [0] }))
    broker.once(metadataApi, () => cluster.describe([{ topicId: ghost, name: null }]))
    const answer = await within(transport.send(consumerGroupHeartbeat, heartbeatOf('g')), 'the heartbeat')
    expect(answer.assignment).toEqual({
      topicPartitions: [{ topic: 'orders', topicId: orders.topicId, partitions: [0] }],
    })
  })

  it('asks for the names of its topics once', async () => {
    const { transport, orders, broker } = await clusterOfTopics()
    const assigned = assigning({ topicId: orders.topicId, partitions: [0] })
    broker.once(consumerGroupHeartbeatApi, assigned, assigned, assigned)
    for (let count = 0; count < 3; count++) await transport.send(consumerGroupHeartbeat, heartbeatOf('g'))
    const byId = broker.requestsOf(metadataApi).filter(({ topics }) => topics?.some(({ topicId }) => topicId !== null))
    expect(byId).toHaveLength(1)
  })
})
