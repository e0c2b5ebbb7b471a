import { MemoryStorage, type Storage } from '@kafkado/broker/storage'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  type AnyOperation,
  capabilities,
  consumerGroupHeartbeat,
  createPartitions,
  createTopics,
  deleteGroups,
  deleteRecords,
  deleteTopics,
  describeConfigs,
  describeGroups,
  describeProducers,
  describeTransactions,
  endTxn,
  fetch,
  incrementalAlterConfigs,
  initProducerId,
  listGroups,
  listOffsets,
  listTransactions,
  metadata,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  offsetForLeaderEpoch,
  produce,
  type RequestOf,
  type Transport,
  txnOffsetCommit,
} from '@kafkado/core'
import { batch, TestMember, TestProducer } from '@kafkado/testing/conformance'
import { EngineUnderTest } from './engine-under-test.ts'

export type Send = (transport: Transport) => Promise<unknown>

/** An engine with a group, topics and transactions, for requests of every kind. */
export class World<Kept extends Storage = Storage> {
  readonly storage: Kept
  readonly engine: EngineUnderTest
  /** With an open transaction in `t`. */
  readonly open: TestProducer
  /** Without one. */
  readonly idle: TestProducer
  readonly member: TestMember
  plain = { producerId: -1, producerEpoch: -1 }

  private constructor(storage: Kept) {
    this.storage = storage
    this.engine = new EngineUnderTest(
      { producerIdExpiration: '2h', transactionalIdExpiration: '2h', offsetsRetention: '2h', cleanupInterval: '10m' },
      storage,
    )
    this.open = new TestProducer(this.engine.harness, 'open')
    this.idle = new TestProducer(this.engine.harness, 'idle')
    this.member = new TestMember(this.engine.harness, 'g', ['t'], { memberId: 'first' })
  }

  static async make<Kept extends Storage>(storage: Kept): Promise<World<Kept>> {
    const world = new World(storage)
    const { transport, harness } = world.engine
    const topics = ['t', 'u'].map((topic) => ({ topic, numPartitions: 2, replicationFactor: -1, configs: [] }))
    await transport.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
    await world.open.init()
    await world.idle.init()
    world.plain = await harness.producerId()
    await world.open.send('t', ['open'])
    await harness.produce('u', batch([{ value: 'a' }], { ...world.plain, baseSequence: 0 }))
    await harness.produce('u', batch([{ value: 'b' }]))
    await requests(world)['offsetCommit']?.(transport)
    for (let beat = 0; beat < 3; beat++) await world.member.beat()
    return world
  }

  /** The names of all requests. */
  static names(): string[] {
    return Object.keys(requests(new World(new MemoryStorage())))
  }
}

const asking =
  <O extends AnyOperation>(operation: O, request: RequestOf<O>): Send =>
  (transport) =>
    transport.send(operation, request)

/** Requests of every operation, some in several ways. */
export function requests({ open, idle, plain, member }: World): Record<string, Send> {
  const producerOf = ({ transactionalId, producerId, producerEpoch }: TestProducer) => ({
    transactionalId,
    producerId,
    producerEpoch,
  })
  const heartbeat: RequestOf<typeof consumerGroupHeartbeat> = {
    groupId: 'g',
    memberId: 'first',
    memberEpoch: member.epoch,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: ['t'],
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: member.owned,
  }
  const producing = (topic: string, records: Uint8Array, transactionalId: string | null = null): Send =>
    asking(produce, {
      transactionalId,
      acks: -1,
      timeoutMs: 1000,
      topics: [{ topic, partitions: [{ partition: 0, records }] }],
    })
  const commits = [{ partition: 0, committedOffset: 5, committedLeaderEpoch: -1, committedMetadata: null }]
  const partitions = [0, 1]
  const identity = { transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
  const offsetsAt = (timestamp: number): Send =>
    asking(listOffsets, {
      isolationLevel: 'read_committed',
      topics: ['t', 'u'].map((topic) => ({
        topic,
        partitions: partitions.map((partition) => ({ partition, timestamp })),
      })),
    })
  const fetching = (isolationLevel: 'read_committed' | 'read_uncommitted', topic: string): Send =>
    asking(fetch, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1_000_000,
      isolationLevel,
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }] }],
    })
  const naming = ['t', 'u', 'new'].map((topic) => ({ topic, partitions }))
  const transactional = (producer: TestProducer, baseSequence: number): Uint8Array =>
    batch([{ value: 'c' }], { ...producerOf(producer), baseSequence, isTransactional: true })
  return {
    capabilities: asking(capabilities, {}),
    metadata: asking(metadata, { topics: null, allowAutoTopicCreation: false }),
    'metadata of a topic': asking(metadata, { topics: ['new'], allowAutoTopicCreation: false }),
    'metadata that creates': asking(metadata, { topics: ['new'], allowAutoTopicCreation: true }),
    produce: producing('u', batch([{ value: 'c' }])),
    'produce to a new topic': producing('new', batch([{ value: 'c' }])),
    'produce, numbered': producing('u', batch([{ value: 'c' }], { ...plain, baseSequence: 1 })),
    'produce, numbered, again': producing('u', batch([{ value: 'a' }], { ...plain, baseSequence: 0 })),
    'produce, numbered, with a gap': producing('u', batch([{ value: 'd' }], { ...plain, baseSequence: 2 })),
    'produce in the open transaction': producing('t', transactional(open, 1), 'open'),
    'produce in a transaction': producing('t', transactional(idle, 0), 'idle'),
    'fetch of t, committed': fetching('read_committed', 't'),
    'fetch of t': fetching('read_uncommitted', 't'),
    'fetch of u': fetching('read_uncommitted', 'u'),
    'fetch of a new topic': fetching('read_uncommitted', 'new'),
    'listOffsets, the end': offsetsAt(-1),
    'listOffsets, the start': offsetsAt(-2),
    'listOffsets, a time': offsetsAt(0),
    offsetForLeaderEpoch: asking(offsetForLeaderEpoch, {
      topics: [{ topic: 'u', partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }],
    }),
    consumerGroupHeartbeat: asking(consumerGroupHeartbeat, heartbeat),
    'consumerGroupHeartbeat of a second member': asking(consumerGroupHeartbeat, {
      ...heartbeat,
      memberId: 'second',
      memberEpoch: 0,
      topicPartitions: [],
    }),
    'consumerGroupHeartbeat with another subscription': asking(consumerGroupHeartbeat, {
      ...heartbeat,
      subscribedTopicNames: ['t', 'u'],
    }),
    'consumerGroupHeartbeat with a wrong epoch': asking(consumerGroupHeartbeat, {
      ...heartbeat,
      memberEpoch: member.epoch + 1,
    }),
    'consumerGroupHeartbeat that leaves': asking(consumerGroupHeartbeat, {
      ...heartbeat,
      memberEpoch: -1,
      topicPartitions: null,
    }),
    offsetCommit: asking(offsetCommit, {
      groupId: 's',
      memberId: '',
      memberEpoch: -1,
      groupInstanceId: null,
      topics: [{ topic: 'u', partitions: commits }],
    }),
    'offsetCommit of the member': asking(offsetCommit, {
      groupId: 'g',
      memberId: 'first',
      memberEpoch: member.epoch,
      groupInstanceId: null,
      topics: [{ topic: 't', partitions: commits }],
    }),
    offsetFetch: asking(offsetFetch, {
      groupId: 's',
      memberId: null,
      memberEpoch: -1,
      topics: [{ topic: 'u', partitions }],
      requireStable: true,
    }),
    'offsetFetch of the member': asking(offsetFetch, {
      groupId: 'g',
      memberId: 'first',
      memberEpoch: member.epoch,
      topics: null,
      requireStable: true,
    }),
    offsetDelete: asking(offsetDelete, { groupId: 's', topics: [{ topic: 'u', partitions: [0] }] }),
    createTopics: asking(createTopics, {
      timeoutMs: 1000,
      validateOnly: false,
      topics: [{ topic: 'new', numPartitions: 1, replicationFactor: -1, configs: [] }],
    }),
    deleteTopics: asking(deleteTopics, { topics: ['u'], timeoutMs: 1000 }),
    createPartitions: asking(createPartitions, {
      timeoutMs: 1000,
      validateOnly: false,
      topics: [{ topic: 'u', count: 3 }],
    }),
    describeConfigs: asking(describeConfigs, {
      resources: [{ resourceType: 'topic', resourceName: 'u', configurationKeys: null }],
    }),
    incrementalAlterConfigs: asking(incrementalAlterConfigs, {
      validateOnly: false,
      resources: [
        {
          resourceType: 'topic',
          resourceName: 'u',
          configs: [{ name: 'retention.ms', configOperation: 'set', value: '1' }],
        },
      ],
    }),
    deleteRecords: asking(deleteRecords, {
      timeoutMs: 1000,
      topics: [{ topic: 'u', partitions: [{ partition: 0, offset: 1 }] }],
    }),
    initProducerId: asking(initProducerId, { transactionalId: null, ...identity }),
    'initProducerId of the open one': asking(initProducerId, { transactionalId: 'open', ...identity }),
    'initProducerId of the idle one': asking(initProducerId, { transactionalId: 'idle', ...identity }),
    'initProducerId of one that goes on': asking(initProducerId, {
      transactionTimeoutMs: 60_000,
      ...producerOf(open),
    }),
    'initProducerId of a new one': asking(initProducerId, { transactionalId: 'another', ...identity }),
    addPartitionsToTxn: asking(addPartitionsToTxn, { ...producerOf(idle), topics: [{ topic: 'u', partitions: [0] }] }),
    addOffsetsToTxn: asking(addOffsetsToTxn, { ...producerOf(idle), groupId: 'g' }),
    txnOffsetCommit: asking(txnOffsetCommit, {
      ...producerOf(open),
      groupId: 's',
      memberId: '',
      generationId: -1,
      groupInstanceId: null,
      topics: [{ topic: 'u', partitions: commits }],
    }),
    'endTxn, commit': asking(endTxn, { ...producerOf(open), committed: true }),
    'endTxn, abort': asking(endTxn, { ...producerOf(open), committed: false }),
    describeProducers: asking(describeProducers, { topics: naming }),
    describeTransactions: asking(describeTransactions, { transactionalIds: ['open', 'idle', 'another'] }),
    listTransactions: asking(listTransactions, { stateFilters: [], producerIdFilters: [], durationFilterMs: -1 }),
    listGroups: asking(listGroups, { statesFilter: [], typesFilter: [] }),
    describeGroups: asking(describeGroups, { groupIds: ['g', 's'] }),
    deleteGroups: asking(deleteGroups, { groups: ['s'] }),
  }
}

/** What an attempt came to. */
export interface Answer {
  readonly answered: unknown
}

/** The requested heartbeat interval is advice, and reveals no stored state. */
const withoutAdvice = (key: string, value: unknown): unknown => (key === 'heartbeatIntervalMs' ? undefined : value)

export const outcome = (attempt: Promise<unknown>): Promise<Answer> =>
  attempt.then(
    (answered) => ({ answered: JSON.stringify(answered, withoutAdvice) }),
    (error: Error & { kafkaCode?: number }) => ({ answered: `${error.kafkaCode}: ${error.message}` }),
  )

/** Many turns of the event loop: enough for all work that needs no disk. */
export const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next))
}
