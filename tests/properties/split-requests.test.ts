import { memory } from '@kafkado/broker'
import {
  type AnyOperation,
  createTopics,
  http,
  initProducerId,
  intercept,
  KafkaError,
  metadata,
  offsetCommit,
  produce,
  seededRandom,
  type Transport,
} from '@kafkado/core'
import { allOperations, ManualClock } from '@kafkado/core/internal'
import { createHandler } from '@kafkado/server'
import { batch } from '@kafkado/testing/conformance'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** So few that every list is split, in the middle of topics too. */
const limits = { maxPartitions: 7, maxBodyBytes: 16_384 }

const topicNames = Array.from({ length: 12 }, (_, index) => `topic-${index}`)
const partitionCount = 4

interface Subject {
  readonly transport: Transport
  /** How many requests of an operation reached the engine. */
  readonly arrived: Map<string, number>
  close(): Promise<void>
}

/** Two engines that make the same ids, one asked directly and one by a server that takes little at a time. */
async function subject(isServed: boolean): Promise<Subject> {
  const clock = new ManualClock()
  const engine = memory({ runtime: { clock, random: seededRandom(3) } })
  const arrived = new Map<string, number>()
  const counted = intercept(engine, (next) => (operation, request, options) => {
    arrived.set(operation.name, (arrived.get(operation.name) ?? 0) + 1)
    return next(operation, request, options)
  })
  const handler = createHandler(counted, { limits })
  const transport = isServed
    ? http({ url: 'http://localhost', fetch: (input, init) => handler(new Request(input, init)) })
    : counted
  const topics = topicNames.map((topic) => ({
    topic,
    numPartitions: partitionCount,
    replicationFactor: 1,
    configs: [],
  }))
  await engine.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
  const records = batch(Array.from({ length: 3 }, (_, index) => ({ value: `value ${index}` })))
  const batches = topicNames.map((topic) => ({ topic, partitions: [{ partition: 1, records }] }))
  await engine.send(produce, { transactionalId: null, acks: -1, timeoutMs: 1000, topics: batches })
  await engine.send(offsetCommit, { groupId: 'group', memberEpoch: -1, ...noMember, topics: [keptCommit] })
  const identity = await engine.send(initProducerId, {
    transactionalId: 'tx',
    transactionTimeoutMs: 60_000,
    ...noProducer,
  })
  expect(identity).toMatchObject({ producerId: producer.producerId, producerEpoch: producer.producerEpoch })
  return { transport, arrived, close: () => transport.close().then(() => engine.close()) }
}

/** By which the group stays known, whatever else of it is deleted. */
const keptCommit = {
  topic: 'topic-0',
  partitions: [{ partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: null }],
}
const noMember = { memberId: '', groupInstanceId: null }

const noProducer = { producerId: -1, producerEpoch: -1 }
const producer = { transactionalId: 'tx', producerId: 1000, producerEpoch: 0 }

const anyTopic = fc.constantFrom(...topicNames, 'missing')
const anyPartition = fc.integer({ min: 0, max: partitionCount })

type Partition = number | { readonly partition: number }

/**
 * Topics with partitions, among them topics in several places, without any partition, or topics and partitions that are
 * not there. No partition twice: such a request is refused, whole or in parts.
 */
function topicsOf<T extends Partition>(
  partition: fc.Arbitrary<T>,
  topic: fc.Arbitrary<string> = anyTopic,
): fc.Arbitrary<object[]> {
  const entry = fc.record({ topic, partitions: fc.array(partition, { maxLength: 12 }) })
  return fc.array(entry, { maxLength: 8 }).map((entries) => {
    const seen = new Set<string>()
    const isNew = (name: string, one: T): boolean => {
      const key = `${typeof one === 'number' ? one : one.partition}:${name}`
      return !seen.has(key) && Boolean(seen.add(key))
    }
    return entries.map(({ topic: name, partitions }) => ({
      topic: name,
      partitions: partitions.filter((one) => isNew(name, one)),
    }))
  })
}

const names = (name: string): fc.Arbitrary<string[]> =>
  fc.uniqueArray(
    fc.oneof(
      fc.constantFrom(...topicNames),
      fc.integer({ max: 40, min: 0 }).map((n) => `${name}-${n}`),
    ),
    {
      maxLength: 30,
    },
  )

const namedAs = (present: string, missing: string): fc.Arbitrary<string[]> =>
  fc.uniqueArray(
    fc.oneof(
      fc.constant(present),
      fc.integer({ max: 40, min: 0 }).map((n) => `${missing}-${n}`),
    ),
    { maxLength: 30 },
  )

const commit = fc.record({
  partition: anyPartition,
  committedOffset: fc.integer({ min: 0, max: 9 }),
  committedLeaderEpoch: fc.constant(-1),
  committedMetadata: fc.oneof(fc.constant(null), fc.string({ maxLength: 3000 })),
})
const settings = { timeoutMs: 1000, validateOnly: false }
const records = batch([{ value: 'one' }, { value: 'two' }])

/** A request of each operation that lists something. */
const requests: Record<string, fc.Arbitrary<object>> = {
  produce: topicsOf(anyPartition.map((partition) => ({ partition, records }))).map((topics) => ({
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topics,
  })),
  fetch: topicsOf(
    fc.record({
      partition: anyPartition,
      fetchOffset: fc.integer({ min: 0, max: 2 }),
      partitionMaxBytes: fc.constant(10_000),
    }),
  ).map((topics) => ({
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 100_000_000,
    isolationLevel: 'read_committed',
    topics,
  })),
  listOffsets: topicsOf(fc.record({ partition: anyPartition, timestamp: fc.constantFrom(-1, -2, -3, 0) })).map(
    (topics) => ({ isolationLevel: 'read_committed', topics }),
  ),
  metadata: fc.record({
    topics: fc.oneof(fc.constant(null), names('missing')),
    allowAutoTopicCreation: fc.constant(false),
  }),
  offsetCommit: topicsOf(commit).map((topics) => ({ groupId: 'group', memberEpoch: -1, ...noMember, topics })),
  offsetFetch: fc.oneof(fc.constant(null), topicsOf(anyPartition)).map((topics) => ({
    groupId: 'group',
    memberId: null,
    memberEpoch: -1,
    requireStable: false,
    topics,
  })),
  createTopics: names('made').map((all) => ({
    ...settings,
    topics: all.map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1, configs: [] })),
  })),
  deleteTopics: fc
    .uniqueArray(fc.integer({ max: 40, min: 0 }), { maxLength: 30 })
    .map((numbers) => ({ timeoutMs: 1000, topics: numbers.map((number) => `made-${number}`) })),
  deleteRecords: topicsOf(fc.record({ partition: anyPartition, offset: fc.integer({ min: -1, max: 4 }) })).map(
    (topics) => ({ timeoutMs: 1000, topics }),
  ),
  offsetForLeaderEpoch: topicsOf(
    fc.record({ partition: anyPartition, currentLeaderEpoch: fc.constant(-1), leaderEpoch: fc.constantFrom(0, 1) }),
  ).map((topics) => ({ topics })),
  // All or none holds for each part only, so all of these are there.
  addPartitionsToTxn: topicsOf(fc.integer({ min: 0, max: partitionCount - 1 }), fc.constantFrom(...topicNames)).map(
    (topics) => ({ ...producer, topics }),
  ),
  txnOffsetCommit: topicsOf(commit).map((topics) => ({
    ...producer,
    groupId: 'group',
    generationId: -1,
    ...noMember,
    topics,
  })),
  describeConfigs: names('missing').map((all) => ({
    resources: all.map((resourceName) => ({
      resourceType: 'topic',
      resourceName,
      configurationKeys: ['retention.ms'],
    })),
  })),
  createPartitions: names('made').map((all) => ({ ...settings, topics: all.map((topic) => ({ topic, count: 4 })) })),
  deleteGroups: fc.constant({ groups: Array.from({ length: 20 }, (_, index) => `group-${index}`) }),
  incrementalAlterConfigs: names('made').map((all) => ({
    validateOnly: false,
    resources: all.map((resourceName, index) => ({
      resourceType: 'topic',
      resourceName,
      configs: [{ name: 'retention.ms', configOperation: 'set', value: index % 3 === 0 ? 'never' : '604800000' }],
    })),
  })),
  offsetDelete: topicsOf(anyPartition, fc.constantFrom(...topicNames.slice(1), 'missing')).map((topics) => ({
    groupId: 'group',
    topics,
  })),
  describeProducers: topicsOf(anyPartition).map((topics) => ({ topics })),
  describeTransactions: namedAs('tx', 'nobody').map((transactionalIds) => ({
    transactionalIds,
  })),
  describeGroups: namedAs('group', 'nobody').map((groupIds) => ({ groupIds })),
}

async function outcomeOf(transport: Transport, name: string, request: object): Promise<unknown> {
  const operation = allOperations.find((known) => known.name === name) as AnyOperation
  return transport.send(operation, request).catch((error: unknown) => {
    if (KafkaError.is(error)) return `${error.code}: ${error.message}`
    throw error
  })
}

describe('a request that is larger than the server takes is answered as a whole one is', () => {
  let direct: Subject
  let served: Subject
  beforeAll(async () => {
    direct = await subject(false)
    served = await subject(true)
  })
  afterAll(async () => {
    await direct.close()
    await served.close()
  })

  it('for each operation that says what it lists', () => {
    const listing = allOperations.filter(({ elements }) => elements).map(({ name }) => name)
    expect(listing.toSorted()).toEqual(Object.keys(requests).toSorted())
  })

  it.each(Object.keys(requests))('%s', async (name) => {
    const all = fc.oneof(
      ...Object.entries(requests).map(([other, request]) => request.map((value) => [other, value] as const)),
    )
    const own = (requests[name] as fc.Arbitrary<object>).map((value) => [name, value] as const)
    await fc.assert(
      fc.asyncProperty(fc.array(all, { maxLength: 2 }), own, async (before, last) => {
        for (const [other, request] of [...before, last])
          expect(await outcomeOf(served.transport, other, request)).toEqual(
            await outcomeOf(direct.transport, other, request),
          )
      }),
      { numRuns: 30, seed: 7 },
    )
    const everything = { topics: null, allowAutoTopicCreation: false }
    expect(await served.transport.send(metadata, everything)).toEqual(await direct.transport.send(metadata, everything))
    expect(served.arrived.get(name)).toBeGreaterThan(direct.arrived.get(name) as number)
  })
})
