import {
  codeOf,
  createPartitions,
  createTopics,
  deleteTopics,
  incrementalAlterConfigs,
  metadata,
  produce,
} from '@kafkado/core'
import { AdjustableClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { type FakeBroker, neverAnswer } from '../../test/fake-broker.ts'
import { type FakeCluster, startCluster } from '../../test/fake-cluster.ts'
import { creating, producing } from '../../test/requests.ts'
import { hurrying, outcomeOf, turns, within } from '../../test/waiting.ts'
import { produceApi } from '../operations/00-produce.ts'
import { createTopicsApi } from '../operations/19-create-topics.ts'
import { deleteTopicsApi } from '../operations/20-delete-topics.ts'
import { describeConfigsApi } from '../operations/32-describe-configs.ts'
import { createPartitionsApi } from '../operations/37-create-partitions.ts'
import { incrementalAlterConfigsApi } from '../operations/44-incremental-alter-configs.ts'
import { listOffsetsApi } from './list-offsets-api.ts'
import { metadataApi } from './metadata-api.ts'

/** A cluster where each created topic has one partition, with broker 3 as leader. */
async function creatingCluster() {
  const clock = new AdjustableClock()
  const { cluster, transport } = await startCluster(3, clock)
  for (const broker of cluster.brokers)
    broker.always(createTopicsApi, ({ topics, validateOnly }) => ({
      throttleTimeMs: 4,
      topics: topics.map(({ topic, configs }) => {
        const isBad = topic === 'bad'
        const topicId = isBad || validateOnly ? null : cluster.addTopic(topic, [3]).topicId
        return {
          topic,
          topicId,
          errorCode: isBad ? codeOf('INVALID_REPLICATION_FACTOR') : 0,
          errorMessage: isBad ? 'too few brokers' : null,
          numPartitions: 1,
          replicationFactor: 1,
          configs: configs.map(({ name, value }) => ({
            name,
            value,
            readOnly: false,
            configSource: 1,
            isSensitive: false,
          })),
        }
      }),
    }))
  return { clock, cluster, transport }
}

/** Makes a broker ignorant of all topics until it was asked this often. */
function behindFor(cluster: FakeCluster, broker: FakeBroker, count: number): void {
  for (let asked = 0; asked < count; asked++)
    broker.once(metadataApi, ({ topics }) => ({
      ...cluster.describe([]),
      topics: cluster
        .describe(topics)
        .topics.map((topic) => ({ ...topic, errorCode: 3, topicId: null, partitions: [] })),
    }))
}

describe('createTopics', () => {
  it('answers when every broker knows the topic', async () => {
    const { cluster, transport } = await creatingCluster()
    await transport.send(metadata, { topics: [], allowAutoTopicCreation: false })
    behindFor(cluster, cluster.broker(2), 3)
    const { topics, throttleTimeMs } = await transport.send(createTopics, creating('new'))
    expect(topics).toMatchObject([{ topic: 'new', errorCode: 0, numPartitions: 1, topicId: expect.any(String) }])
    expect(throttleTimeMs).toBe(4)
    expect(cluster.broker(2).requestsOf(metadataApi)).toHaveLength(4)
    for (const broker of cluster.brokers) expect(broker.requestsOf(metadataApi).length).toBeGreaterThan(0)
  })

  it('answers when the leader serves the topic', async () => {
    const { cluster, transport } = await creatingCluster()
    const notYet = (errorCode: number) => () => ({
      throttleTimeMs: 0,
      topics: [{ topic: 'new', partitions: [{ partition: 0, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }] }],
    })
    cluster
      .broker(3)
      .once(
        listOffsetsApi,
        notYet(codeOf('UNKNOWN_TOPIC_OR_PARTITION')),
        notYet(codeOf('NOT_LEADER_OR_FOLLOWER')),
        notYet(codeOf('OFFSET_NOT_AVAILABLE')),
      )
    await transport.send(createTopics, creating('new'))
    expect(cluster.brokers.map((broker) => broker.requestsOf(listOffsetsApi).length)).toEqual([0, 0, 4])
  })

  it('answers when the topic has a leader', async () => {
    const { cluster, transport } = await creatingCluster()
    await transport.send(metadata, { topics: [], allowAutoTopicCreation: false })
    cluster.broker(1).once(metadataApi, ({ topics }) => {
      const answer = cluster.describe(topics)
      for (const topic of answer.topics) for (const partition of topic.partitions) partition.leaderId = -1
      return answer
    })
    await transport.send(createTopics, creating('new'))
    expect(cluster.broker(1).requestsOf(metadataApi)).toHaveLength(3)
  })

  it('does not take the topic of the same name that was there before for the new one', async () => {
    const { cluster, transport } = await creatingCluster()
    cluster.addTopic('new', [1])
    const old = cluster.describe([{ name: 'new', topicId: null }])
    await transport.send(metadata, { topics: [], allowAutoTopicCreation: false })
    cluster.broker(2).once(
      metadataApi,
      () => old,
      () => old,
    )
    const { topics } = await transport.send(createTopics, creating('new'))
    expect(topics[0]?.topicId).toBe(cluster.topics.get('new')?.topicId)
    expect(cluster.broker(2).requestsOf(metadataApi)).toHaveLength(3)
  })

  it('answers after 5 s when a broker does not get to know the topic', async () => {
    const { clock, cluster, transport } = await creatingCluster()
    behindFor(cluster, cluster.broker(2), 100)
    const answer = transport.send(createTopics, creating('new'))
    await cluster.broker(2).asked(metadataApi, 3)
    clock.advance('5s')
    expect(await within(answer, 'the answer')).toMatchObject({ topics: [{ errorCode: 0 }] })
  })

  it('answers after 5 s when a broker does not answer, as the topic is made', async () => {
    const { clock, cluster, transport } = await creatingCluster()
    cluster.broker(2).always(metadataApi, () => neverAnswer)
    const answer = outcomeOf(transport.send(createTopics, creating('new')))
    await cluster.broker(2).asked(metadataApi)
    await cluster.broker(3).asked(listOffsetsApi)
    await turns()
    clock.advance('5s')
    expect(await within(answer, 'the answer')).toMatchObject({ topics: [{ errorCode: 0 }] })
  })

  it('does not wait for a broker that is away', async () => {
    const { cluster, transport } = await creatingCluster()
    await transport.send(metadata, { topics: [], allowAutoTopicCreation: false })
    await cluster.broker(2).stop()
    expect(await within(transport.send(createTopics, creating('new')), 'the answer')).toMatchObject({
      topics: [{ errorCode: 0 }],
    })
  })

  it('waits for nothing when nothing is made', async () => {
    const { cluster, transport } = await creatingCluster()
    const only = { ...creating('new'), validateOnly: true }
    expect(await transport.send(createTopics, only)).toMatchObject({ topics: [{ errorCode: 0, topicId: null }] })
    expect(await transport.send(createTopics, creating('bad'))).toMatchObject({
      topics: [{ topic: 'bad', errorCode: codeOf('INVALID_REPLICATION_FACTOR'), errorMessage: 'too few brokers' }],
    })
    expect(cluster.brokers.flatMap((broker) => broker.requestsOf(metadataApi))).toEqual([])
  })

  it('makes others although one of them is refused', async () => {
    const { cluster, transport } = await creatingCluster()
    const { topics } = await transport.send(createTopics, creating('bad', 'new'))
    expect(topics.map(({ topic, errorCode }) => [topic, errorCode === 0])).toEqual([
      ['bad', false],
      ['new', true],
    ])
    const asked = cluster
      .broker(2)
      .requestsOf(metadataApi)
      .flatMap((request) => request.topics ?? [])
    expect(asked.map(({ name }) => name)).toEqual(['new'])
  })

  it('is followed by a produce that finds the new leader, also when the name was known before', async () => {
    const { cluster, transport } = await creatingCluster()
    cluster.addTopic('new', [1])
    await transport.send(produce, producing({ new: [0] }))
    await transport.send(createTopics, creating('new'))
    const { topics } = await transport.send(produce, producing({ new: [0] }))
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(cluster.broker(3).requestsOf(produceApi)).toHaveLength(1)
  })
})

describe('deleteTopics', () => {
  it('answers when no broker knows the topic any more, or one of the same name already', async () => {
    const { cluster, transport } = await creatingCluster()
    const { topicId } = cluster.addTopic('old', [1])
    const still = cluster.describe([{ name: 'old', topicId: null }])
    await transport.send(metadata, { topics: [], allowAutoTopicCreation: false })
    cluster.broker(1).always(deleteTopicsApi, ({ topics }) => {
      cluster.topics.delete('old')
      const answers = topics.map(({ name }) => ({ topic: name, topicId, errorCode: 0, errorMessage: null }))
      return { throttleTimeMs: 0, topics: answers }
    })
    cluster.broker(2).once(
      metadataApi,
      () => still,
      () => still,
    )
    cluster.broker(3).once(metadataApi, ({ topics }) => {
      cluster.addTopic('old', [3])
      const answer = cluster.describe(topics)
      cluster.topics.delete('old')
      return answer
    })
    const answer = await within(transport.send(deleteTopics, { topics: ['old'], timeoutMs: 1000 }), 'the answer')
    expect(answer.topics).toEqual([{ topic: 'old', topicId, errorCode: 0, errorMessage: null }])
    expect(cluster.broker(2).requestsOf(metadataApi)).toHaveLength(3)
    expect(cluster.broker(3).requestsOf(metadataApi)).toHaveLength(1)
  })
})

describe('createPartitions', () => {
  it('answers when every broker knows and serves as many as were asked for', async () => {
    const { cluster, transport } = await creatingCluster()
    const { partitions } = cluster.addTopic('orders', [1])
    const before = cluster.describe([{ name: 'orders', topicId: null }])
    await transport.send(metadata, { topics: ['orders'], allowAutoTopicCreation: false })
    for (const broker of cluster.brokers)
      broker.always(createPartitionsApi, ({ topics }) => {
        partitions.push({ leaderId: 2, leaderEpoch: 0, batches: [] })
        return { throttleTimeMs: 0, results: topics.map(({ topic }) => ({ topic, errorCode: 0, errorMessage: null })) }
      })
    cluster.broker(3).once(
      metadataApi,
      () => before,
      () => before,
    )
    const request = { topics: [{ topic: 'orders', count: 2 }], timeoutMs: 1000, validateOnly: false }
    expect(await transport.send(createPartitions, request)).toMatchObject({ results: [{ errorCode: 0 }] })
    expect(cluster.broker(3).requestsOf(metadataApi)).toHaveLength(3)
    const { topics } = await transport.send(produce, producing({ orders: [1] }))
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
  })
})

describe('incrementalAlterConfigs', () => {
  it('answers when every broker goes by the new values', async () => {
    const { cluster, transport } = await creatingCluster()
    const described = (value: string) => () => ({
      throttleTimeMs: 0,
      results: [
        {
          errorCode: 0,
          errorMessage: null,
          resourceType: 2,
          resourceName: 'orders',
          configs: [
            {
              name: 'retention.ms',
              value,
              readOnly: false,
              configSource: 1,
              isSensitive: false,
              synonyms: [],
              configType: 5,
              documentation: null,
            },
          ],
        },
      ],
    })
    for (const broker of cluster.brokers)
      broker.always(describeConfigsApi, described('5000')).always(incrementalAlterConfigsApi, ({ resources }) => ({
        throttleTimeMs: 0,
        responses: resources.map(({ resourceType, resourceName }) => ({
          errorCode: 0,
          errorMessage: null,
          resourceType,
          resourceName,
        })),
      }))
    cluster.broker(2).once(describeConfigsApi, described('1'), described('1'))
    const configs = [{ name: 'retention.ms', configOperation: 'set' as const, value: '5000' }]
    const resources = [{ resourceType: 'topic' as const, resourceName: 'orders', configs }]
    const answer = await transport.send(incrementalAlterConfigs, { validateOnly: false, resources })
    expect(answer.responses).toEqual([
      { errorCode: 0, errorMessage: null, resourceType: 'topic', resourceName: 'orders' },
    ])
    expect(cluster.brokers.map((broker) => broker.requestsOf(describeConfigsApi).length)).toEqual([1, 3, 1])
  })
})

describe('a topic that is made on first use', () => {
  it('is waited for by the first produce', async () => {
    const { cluster, transport } = await creatingCluster()
    cluster.makesTopics = true
    const { topics } = await within(transport.send(produce, producing({ fresh: [0] })), 'the produce')
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, baseOffset: 0 })
    const asked = cluster.brokers.flatMap((broker) => broker.requestsOf(metadataApi))
    expect(asked.some(({ allowAutoTopicCreation }) => allowAutoTopicCreation)).toBe(true)
  })

  it('is made by metadata that say so, and by no others', async () => {
    const { cluster, transport } = await creatingCluster()
    cluster.makesTopics = true
    const without = await transport.send(metadata, { topics: ['fresh'], allowAutoTopicCreation: false })
    expect(without.topics).toMatchObject([{ topic: 'fresh', errorCode: 3, errorMessage: "there is no topic 'fresh'" }])
    const made = await transport.send(metadata, { topics: ['fresh'], allowAutoTopicCreation: true })
    expect(made.topics).toMatchObject([{ topic: 'fresh', errorCode: 0, partitions: [{ partition: 0, leaderId: 1 }] }])
  })

  it('is not made by a produce that may not make it', async () => {
    const { cluster, transport } = await creatingCluster()
    cluster.makesTopics = true
    const { topics } = await transport.send(produce, { ...producing({ fresh: [0] }), allowAutoTopicCreation: false })
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 3, errorMessage: "there is no topic 'fresh'" })
    const asked = cluster.brokers.flatMap((broker) => broker.requestsOf(metadataApi))
    expect(asked.some(({ allowAutoTopicCreation }) => allowAutoTopicCreation)).toBe(false)
  })

  it('is not waited for long where topics are not made', async () => {
    const { clock, cluster, transport } = await creatingCluster()
    cluster.addTopic('orders', [1])
    const answer = await hurrying(clock, transport.send(produce, producing({ nowhere: [0], orders: [0] })))
    expect(answer.topics.map(({ partitions }) => partitions[0]?.errorCode)).toEqual([3, 0])
    const asked = cluster.brokers.flatMap((broker) => broker.requestsOf(metadataApi))
    expect(asked.length).toBeLessThan(15)
  })

  it('that may not be made is refused at once', async () => {
    const { cluster, transport } = await creatingCluster()
    cluster.makesTopics = true
    const { topics } = await transport.send(produce, producing({ 'a b': [0] }))
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 17 })
    expect(cluster.brokers.flatMap((broker) => broker.requestsOf(metadataApi))).toHaveLength(1)
  })
})
