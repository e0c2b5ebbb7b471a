import { memory } from '@kafkado/broker'
import { initProducerId, metadata, type Transport } from '@kafkado/core'
import { createKafkaClient, type KafkaClient } from 'kafkado'

export interface Opened {
  readonly kafka: KafkaClient
  readonly transport: Transport
}

/** Work for `size` elements. What `prepare` does is not counted. */
export interface Scenario {
  prepare?(opened: Opened, size: number): Promise<unknown>
  work(opened: Opened, size: number): Promise<unknown>
  /** So many times the work may be done for four times the elements. */
  readonly atMost: number
}

/** Linear work is four times as much; what is looked up in sorted lists, and what comes in turns, is a little more. */
const linear = 6
/** The elements are there, and the work is not about them. */
const none = 2

const alone = 50

/** Over an engine in memory. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  'records sent alone, of a topic with many partitions': {
    prepare: spread,
    async work({ kafka }) {
      for (let index = 0; index < alone; index++) await kafka.produce('orders', { index }, { partition: index })
    },
    atMost: none,
  },
  'a record for each partition': {
    prepare: ({ kafka }, size) => kafka.admin.createTopic('orders', { partitions: size }),
    work: sendToEach,
    atMost: linear,
  },
  'a record of each partition, read': {
    prepare: spread,
    async work({ kafka }, size) {
      for await (const _ of kafka.consume('orders', { offset: 'earliest' }).take(size)) continue
    },
    atMost: linear,
  },
  'a group on many partitions': {
    prepare: ({ kafka }, size) => kafka.admin.createTopic('orders', { partitions: size }),
    async work({ kafka }) {
      await kafka.produce('orders', 1)
      for await (const _ of kafka.consume('orders', { group: 'shop', offset: 'earliest' }).take(1)) continue
    },
    atMost: linear,
  },
  topics: { work: createTopics, atMost: linear },
  'metadata of unknown names, among as many topics': {
    prepare: createTopics,
    work: ({ transport }, size) =>
      transport.send(metadata, {
        topics: Array.from({ length: size }, (_, index) => `unknown-${index}`),
        allowAutoTopicCreation: false,
      }),
    atMost: linear,
  },
  'metadata of one topic among many': {
    prepare: createTopics,
    work: ({ transport }) => transport.send(metadata, { topics: ['topic-7'], allowAutoTopicCreation: false }),
    atMost: none,
  },
  'producer ids': {
    async work({ transport }, size) {
      const request = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
      for (let index = 0; index < size; index++) await transport.send(initProducerId, request)
    },
    atMost: linear,
  },
}

export function open(): Opened {
  const transport = memory()
  return { kafka: createKafkaClient(transport), transport }
}

async function spread(opened: Opened, size: number): Promise<void> {
  await opened.kafka.admin.createTopic('orders', { partitions: size })
  await sendToEach(opened, size)
}

async function sendToEach({ kafka }: Opened, size: number): Promise<void> {
  await Promise.all(
    Array.from({ length: size }, (_, index) => kafka.produce('orders', { index }, { partition: index })),
  )
}

async function createTopics({ kafka }: Opened, size: number): Promise<void> {
  for (let index = 0; index < size; index++) await kafka.admin.createTopic(`topic-${index}`)
}
