import {
  createTopics,
  deleteTopics,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  produce,
} from '@kafkado/core'
import { type FetchedPartition, listOffsetsTimestamp } from '@kafkado/core/protocol'
import { batch, type FetchOptions, type Harness } from '../harness/harness.ts'
import type { TestProducer } from '../harness/test-producer.ts'

interface PartitionAnswer {
  readonly partition: number
  readonly errorCode: number
}

/** A topic that is deleted and recreated, and the requests of clients by its name and the id they mean. */
export class RecreatedTopic {
  readonly topic: string
  /** Its present id. */
  topicId: string
  readonly #harness: Harness

  private constructor(harness: Harness, topic: string, topicId: string) {
    this.#harness = harness
    this.topic = topic
    this.topicId = topicId
  }

  static async make(harness: Harness, partitions = 1): Promise<RecreatedTopic> {
    const topic = await harness.topic(partitions)
    const made = new RecreatedTopic(harness, topic, '')
    made.topicId = (await made.describe())?.topicId ?? ''
    return made
  }

  async describe(): Promise<{ errorCode: number; topicId: string | null } | undefined> {
    const request = { topics: [this.topic], allowAutoTopicCreation: false }
    return (await this.#harness.transport.send(metadata, request)).topics[0]
  }

  async delete(): Promise<void> {
    const { topics } = await this.#harness.transport.send(deleteTopics, { timeoutMs: 30_000, topics: [this.topic] })
    if (topics[0]?.errorCode !== 0) throw new Error(`${this.topic} could not be deleted: ${topics[0]?.errorMessage}`)
  }

  /** @returns its former id */
  async recreate(partitions = 1): Promise<string> {
    const before = this.topicId
    await this.delete()
    await this.create(partitions)
    return before
  }

  async create(numPartitions = 1): Promise<void> {
    const { transport } = this.#harness
    const topics = [{ topic: this.topic, numPartitions, replicationFactor: -1, configs: [] }]
    const answer = await transport.send(createTopics, { timeoutMs: 30_000, validateOnly: false, topics })
    if (answer.topics[0]?.errorCode !== 0)
      throw new Error(`${this.topic} could not be made again: ${answer.topics[0]?.errorMessage}`)
    this.topicId = answer.topics[0].topicId ?? ''
  }

  async produce(topicId: string | null): Promise<PartitionAnswer> {
    const partitions = [{ partition: 0, records: batch([{ value: 'a' }]) }]
    const topics = [{ topic: this.topic, topicId, partitions }]
    const request = { transactionalId: null, acks: -1, timeoutMs: 30_000, topics }
    const response = await this.#harness.transport.send(produce, request)
    return response.topics[0]?.partitions[0] as PartitionAnswer
  }

  async fetch(topicId: string | null, { maxWaitMs = 0, signal }: FetchOptions = {}): Promise<FetchedPartition> {
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
    const topics = [{ topic: this.topic, topicId, partitions }]
    const limits = { maxWaitMs, minBytes: 1, maxBytes: 1_000_000, isolationLevel: 'read_uncommitted' } as const
    const response = await this.#harness.transport.send(fetch, { ...limits, topics }, { signal })
    return response.topics[0]?.partitions[0] as FetchedPartition
  }

  async listEnd(topicId: string | null): Promise<PartitionAnswer & { offset: number }> {
    const partitions = [{ partition: 0, timestamp: listOffsetsTimestamp.latest }]
    const topics = [{ topic: this.topic, topicId, partitions }]
    const response = await this.#harness.transport.send(listOffsets, { isolationLevel: 'read_uncommitted', topics })
    return response.topics[0]?.partitions[0] as PartitionAnswer & { offset: number }
  }

  async commit(
    groupId: string,
    topicId: string | null,
    committedOffset: number,
    member = { memberId: '', memberEpoch: -1 },
  ): Promise<PartitionAnswer> {
    const topics = this.#offsets(topicId, committedOffset)
    const request = { groupId, ...member, groupInstanceId: null, topics }
    const response = await this.#harness.transport.send(offsetCommit, request)
    return response.topics[0]?.partitions[0] as PartitionAnswer
  }

  /** As `commit`, within a producer's transaction. */
  commitIn(
    producer: TestProducer,
    groupId: string,
    topicId: string | null,
    committedOffset: number,
  ): Promise<PartitionAnswer> {
    return producer.commitOffset(groupId, this.topic, 0, { topics: this.#offsets(topicId, committedOffset) })
  }

  async committed(
    groupId: string,
    topicId: string | null = null,
  ): Promise<PartitionAnswer & { committedOffset: number }> {
    const topics = [{ topic: this.topic, topicId, partitions: [0] }]
    const request = { groupId, memberId: null, memberEpoch: -1, requireStable: true, topics }
    const response = await this.#harness.transport.send(offsetFetch, request)
    return response.topics[0]?.partitions[0] as PartitionAnswer & { committedOffset: number }
  }

  #offsets(topicId: string | null, committedOffset: number) {
    const partitions = [{ partition: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: null }]
    return [{ topic: this.topic, topicId, partitions }]
  }
}
