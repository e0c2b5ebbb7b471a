import { onTestFinished } from 'vitest'
import { codeOf, type Clock } from '@kafkado/core'
import { AdjustableClock } from '@kafkado/core/internal'
import { metadataApi, type MetadataAnswer, type TopicAnswer } from '../src/cluster/metadata-api.ts'
import { findCoordinatorApi } from '../src/cluster/find-coordinator-api.ts'
import { consumerGroupHeartbeatApi } from '../src/operations/68-consumer-group-heartbeat.ts'
import { wireSettings, type WireOptions } from '../src/settings/wire-options.ts'
import { WireTransport } from '../src/wire-transport.ts'
import { FakeBroker } from './fake-broker.ts'
import { answerFetch, answerListOffsets, answerProduce } from './fake-partitions.ts'
import { Changes, within } from './waiting.ts'

export interface FakePartition {
  leaderId: number
  leaderEpoch: number
  /** One batch per offset. */
  readonly batches: Uint8Array[]
}

export interface FakeTopic {
  name: string
  topicId: string
  readonly partitions: FakePartition[]
}

/**
 * Brokers that know each other, with topics and coordinators that a test can change. A script can give any broker
 * another view.
 */
export class FakeCluster {
  readonly clock: Clock
  readonly brokers: readonly FakeBroker[]
  readonly topics = new Map<string, FakeTopic>()
  /** By group or transactional id; the default is broker 1. */
  readonly coordinators = new Map<string, number>()
  /** Whether to create topics on first use. */
  makesTopics = false
  /** Announces new records. */
  readonly changes = new Changes()
  readonly #transports: WireTransport[] = []
  #topicIds = 0

  constructor(brokerCount: number, clock: Clock) {
    this.clock = clock
    this.brokers = Array.from({ length: brokerCount }, (_, index) => this.#scripted(new FakeBroker(index + 1)))
  }

  broker(nodeId: number): FakeBroker {
    return this.brokers[nodeId - 1] as FakeBroker
  }

  /** @param leaders the leader of each partition */
  addTopic(name: string, leaders: readonly number[]): FakeTopic {
    const topicId = `00000000-0000-4000-8000-${String(++this.#topicIds).padStart(12, '0')}`
    const partitions = leaders.map((leaderId) => ({ leaderId, leaderEpoch: 5, batches: [] }))
    const topic = { name, topicId, partitions }
    this.topics.set(name, topic)
    return topic
  }

  idOf(name: string): string {
    return this.topics.get(name)?.topicId as string
  }

  partition(name: string, partition: number): FakePartition {
    return this.topics.get(name)?.partitions[partition] as FakePartition
  }

  moveLeader(name: string, partition: number, leaderId: number): void {
    const moved = this.partition(name, partition)
    moved.leaderId = leaderId
    moved.leaderEpoch++
  }

  append(name: string, partition: number, batch: Uint8Array): void {
    this.partition(name, partition).batches.push(batch)
    this.changes.announce()
  }

  /** The topics as an up-to-date broker describes them; null asks for all. */
  describe(asked: readonly { topicId: string | null; name: string | null }[] | null): MetadataAnswer {
    const wanted = asked ?? [...this.topics.keys()].map((name) => ({ name, topicId: null }))
    return {
      throttleTimeMs: 0,
      brokers: this.brokers.map(({ nodeId, port }) => ({ nodeId, host: '127.0.0.1', port, rack: null })),
      clusterId: 'fake',
      controllerId: 1,
      topics: wanted.map(({ name, topicId }) =>
        name === null ? this.#describeById(topicId) : this.#describeByName(name),
      ),
    }
  }

  /** A transport that starts at the cluster's first broker; it is closed at the end of the test. */
  connect(options: Partial<WireOptions> = {}): WireTransport {
    const runtime = { clock: this.clock, random: { next: () => 0, uuid: () => '' } }
    const brokers = this.broker(1).address
    const transport = new WireTransport(wireSettings({ brokers, runtime, ...options }))
    this.#transports.push(transport)
    return transport
  }

  async close(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.stop()))
    await within(Promise.all(this.#transports.map((transport) => transport.close())), 'close() without any broker')
    const problems = this.brokers.flatMap((broker) => broker.problems)
    if (problems.length > 0) throw new Error(problems.join('\n'))
  }

  #describeByName(name: string): TopicAnswer {
    const topic = this.topics.get(name)
    if (topic) return describedTopic(topic)
    const isInvalid = !/^[\w.-]+$/.test(name)
    return unknownTopic(name, codeOf(isInvalid ? 'INVALID_TOPIC_EXCEPTION' : 'UNKNOWN_TOPIC_OR_PARTITION'))
  }

  #describeById(topicId: string | null): TopicAnswer {
    const topic = [...this.topics.values()].find((other) => other.topicId === topicId)
    return topic ? describedTopic(topic) : { ...unknownTopic(null, codeOf('UNKNOWN_TOPIC_ID')), topicId }
  }

  #scripted(broker: FakeBroker): FakeBroker {
    answerProduce(broker, this)
    answerFetch(broker, this)
    answerListOffsets(broker, this)
    return broker
      .always(metadataApi, ({ topics, allowAutoTopicCreation }) => {
        const answer = this.describe(topics)
        // The topic is created once the answer has left, and unknown before.
        if (allowAutoTopicCreation && this.makesTopics)
          for (const { errorCode, name } of answer.topics) if (errorCode === 3) this.addTopic(name ?? '', [1])
        return answer
      })
      .always(findCoordinatorApi, ({ coordinatorKeys }) => ({
        throttleTimeMs: 0,
        coordinators: coordinatorKeys.map((key) => {
          const { nodeId, port } = this.broker(this.coordinators.get(key) ?? 1)
          return { key, nodeId, host: '127.0.0.1', port, errorCode: 0, errorMessage: null }
        }),
      }))
      .always(consumerGroupHeartbeatApi, ({ groupId, memberId, memberEpoch }) => ({
        throttleTimeMs: 0,
        errorCode: (this.coordinators.get(groupId) ?? 1) === broker.nodeId ? 0 : codeOf('NOT_COORDINATOR'),
        errorMessage: null,
        memberId,
        memberEpoch: memberEpoch + 1,
        heartbeatIntervalMs: 5000,
        assignment: null,
      }))
  }
}

/**
 * A cluster of listening brokers. It shares a clock with its transports; by default one that runs and can be put
 * forward. All end with the test.
 */
export async function startCluster(
  brokerCount: number,
  clock: Clock = new AdjustableClock(),
  options: Partial<WireOptions> = {},
): Promise<{ cluster: FakeCluster; transport: WireTransport }> {
  const cluster = new FakeCluster(brokerCount, clock)
  onTestFinished(() => cluster.close())
  await Promise.all(cluster.brokers.map((broker) => broker.start()))
  return { cluster, transport: cluster.connect(options) }
}

function describedTopic({ name, topicId, partitions }: FakeTopic): TopicAnswer {
  return {
    errorCode: 0,
    name,
    topicId,
    isInternal: false,
    partitions: partitions.map(({ leaderId, leaderEpoch }, partition) => ({
      errorCode: leaderId < 0 ? codeOf('LEADER_NOT_AVAILABLE') : 0,
      partition,
      leaderId,
      leaderEpoch,
      replicaNodes: [leaderId],
      isrNodes: [leaderId],
      offlineReplicas: [],
    })),
    topicAuthorizedOperations: -2_147_483_648,
  }
}

export function unknownTopic(name: string | null, errorCode: number): TopicAnswer {
  return {
    errorCode,
    name,
    topicId: null,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: -2_147_483_648,
  }
}
