import {
  type Admin,
  createAdmin,
  type CreateTopicOptions,
  type GroupDescription,
  type GroupMemberDescription,
} from '@kafkado/admin'
import { type ConsumerConfig, createConsumer } from '@kafkado/consumer'
import {
  bytes,
  type CompressionType,
  defineTopic,
  describeProducers,
  fetch,
  type KafkaRecord,
  type Message,
  produce,
  type RecordMetadata,
  type TopicDefinition,
} from '@kafkado/core'
import type { DescribeProducersResponse } from '@kafkado/core/protocol'
import { compressionTypes, RecordBatchBuilder, recordBatchesIn } from '@kafkado/core/internal'
import { createProducer, type ProducerConfig } from '@kafkado/producer'
import { wire, type WireTransport } from '@kafkado/wire'
import type { PlainRecord } from './sample-records.ts'

export type BytesRecord = KafkaRecord<Uint8Array, Uint8Array>
/** A key may be text too, as it may be without a word about keys. */
export type BytesMessage = Message<Uint8Array, Uint8Array | string>

type ActiveProducer = DescribeProducersResponse['topics'][number]['partitions'][number]['activeProducers'][number]

/** Our clients over Apache Kafka, with bytes for keys and values. */
export class OurSide implements AsyncDisposable {
  readonly transport: WireTransport
  readonly admin: Admin
  /** Tells the topics and groups of this process from those that others left on the same brokers. */
  readonly #run = `${process.pid}-${Math.floor(performance.timeOrigin)}`

  constructor(bootstrapServers: string) {
    this.transport = wire(bootstrapServers)
    this.admin = createAdmin(this.transport)
  }

  /** A name for a topic, group or transactional id. */
  name(purpose: string): string {
    return `interop-${purpose}-${this.#run}`
  }

  /** Its records stay, however old they say that they are. */
  async newTopic(purpose: string, options: CreateTopicOptions = {}): Promise<string> {
    const topic = this.name(purpose)
    await this.admin.createTopic(topic, { partitions: 1, retentionMs: -1, ...options })
    return topic
  }

  async write(
    topic: string,
    messages: readonly BytesMessage[],
    config: ProducerConfig = {},
  ): Promise<RecordMetadata[]> {
    const definition = defineTopic(topic, { value: bytes() }) as TopicDefinition<Uint8Array, never>
    await using producer = createProducer<Uint8Array, Uint8Array | string>(this.transport, definition, config)
    return await producer.sendBatch(messages)
  }

  /** In a batch made by hand, with what the protocol allows and a message of our producer has no words for. */
  async writeAsIs(topic: string, record: PlainRecord): Promise<void> {
    const content = (base64: string | null): Uint8Array | null =>
      base64 === null ? null : Buffer.from(base64, 'base64')
    const { timestamp, key, value, headers } = record
    const builder = new RecordBatchBuilder()
    builder.append({
      timestamp,
      key: content(key),
      value: content(value),
      headers: headers.map(([name, base64]) => [name, content(base64)]),
    })
    const partitions = [{ partition: 0, records: await builder.build() }]
    const request = { transactionalId: null, acks: -1, timeoutMs: 10_000, topics: [{ topic, partitions }] }
    const response = await this.transport.send(produce, request)
    const appended = response.topics[0]?.partitions[0]
    if (appended?.errorCode !== 0) throw new Error(`not written: ${JSON.stringify(appended)}`)
  }

  /** The first records of a topic, which the reader has no group for. */
  async read(topic: string, count: number, config: ConsumerConfig = {}): Promise<BytesRecord[]> {
    await using consumer = createConsumer(this.transport, bytesTopic(topic), { offset: 'earliest', ...config })
    const records: BytesRecord[] = []
    for await (const record of consumer.take(count)) records.push(record)
    return records
  }

  /** How the batches of partition 0 are compressed where they are kept, each codec once. */
  async storedCodecs(topic: string): Promise<(CompressionType | undefined)[]> {
    const { topics } = await this.transport.send(fetch, {
      maxWaitMs: 5000,
      minBytes: 1,
      maxBytes: 50_000_000,
      isolationLevel: 'read_uncommitted',
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 50_000_000 }] }],
    })
    const records = topics[0]?.partitions[0]?.records ?? new Uint8Array()
    return [...new Set([...recordBatchesIn(records)].map(({ header }) => compressionTypes[header.compressionType]))]
  }

  /** Who has written to partition 0 with a producer id. */
  async activeProducers(topic: string): Promise<ActiveProducer[]> {
    const { topics } = await this.transport.send(describeProducers, { topics: [{ topic, partitions: [0] }] })
    return topics[0]?.partitions[0]?.activeProducers ?? []
  }

  /**
   * A group after its members have told that they own what they were assigned, which they do a little later than they
   * own it.
   */
  async stableGroup(group: string): Promise<GroupDescription> {
    const endMs = performance.now() + 20_000
    for (;;) {
      const description = await this.admin.describeGroup(group)
      if (description.state === 'Stable' || performance.now() > endMs) return description
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.transport.close()
  }
}

export function bytesTopic(name: string): TopicDefinition<Uint8Array, Uint8Array> {
  return defineTopic(name, { key: bytes(), value: bytes() })
}

/** What each member owns, with its partitions in order, in which not every client puts them. */
export function assignmentsOf({ members }: GroupDescription): GroupMemberDescription['assignment'][] {
  return members.map(({ assignment }) =>
    assignment.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.toSorted((left, right) => left - right),
    })),
  )
}
