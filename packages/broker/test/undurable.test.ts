import * as core from '@kafkado/core'
import { withStorage } from '@kafkado/broker/storage'
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
  seededRandom,
  StorageError,
  type Transport,
  txnOffsetCommit,
} from '@kafkado/core'
import { batch, TestMember, TestProducer } from '@kafkado/testing/conformance'
import { describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'
import { HoldingStorage } from './holding-storage.ts'

type Send = (transport: Transport) => Promise<unknown>

/** Durable state, made before anything is held back. */
class World {
  readonly storage = new HoldingStorage()
  readonly engine = new EngineUnderTest(
    { producerIdExpiration: '2h', transactionalIdExpiration: '2h', offsetsRetention: '2h', cleanupInterval: '10m' },
    this.storage,
  )
  /** With an open transaction in `t`. */
  open = new TestProducer(this.engine.harness, 'open')
  /** Without one. */
  idle = new TestProducer(this.engine.harness, 'idle')
  plain = { producerId: -1, producerEpoch: -1 }
  member = new TestMember(this.engine.harness, 'g', ['t'], { memberId: 'first' })

  static async make(): Promise<World> {
    const world = new World()
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
}

const asking =
  <O extends AnyOperation>(operation: O, request: RequestOf<O>): Send =>
  (transport) =>
    transport.send(operation, request)

/** Requests of every operation, some in several ways. The changing ones are also the changes that are held back. */
function requests({ open, idle, plain, member }: World): Record<string, Send> {
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

/** Ids come from a block that was reserved durably, so no crash takes them back; but none may come twice. */
const handedOutOnce = new Set(['initProducerId'])

/** Changes while the disk is held: each of the requests, and those caused by time. */
const changes: Record<string, (world: World) => Promise<unknown>> = {
  nothing: () => Promise.resolve(),
  'time: a session, a transaction': ({ engine }) => engine.clock.advanceAsync(60_000),
  'time: what was long unused': ({ engine }) => engine.clock.advanceAsync('3h'),
}

const names = Object.keys(requests(new World()))
const held = [...names, ...Object.keys(changes)]

interface Answer {
  readonly answered: unknown
}

/** The requested heartbeat interval is advice, and reveals no stored state. */
const withoutAdvice = (key: string, value: unknown): unknown => (key === 'heartbeatIntervalMs' ? undefined : value)

const outcome = (attempt: Promise<unknown>): Promise<Answer> =>
  attempt.then(
    (answered) => ({ answered: JSON.stringify(answered, withoutAdvice) }),
    (error: Error & { kafkaCode?: number }) => ({ answered: `${error.kafkaCode}: ${error.message}` }),
  )

/** Many turns of the event loop: enough for all work that needs no disk. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next))
}

describe('an answer that comes before what was changed is durable', () => {
  it('is looked at for every operation', () => {
    const operations = Object.values(core).filter(
      (one): one is AnyOperation => typeof one === 'object' && one !== null && 'apiKey' in one && 'name' in one,
    )
    expect(operations.length).toBeGreaterThan(20)
    expect(operations.map(({ name }) => name).filter((name) => !names.some((one) => one.startsWith(name)))).toEqual([])
  })

  it.each(held)('tells nothing that a crash takes back: %s', async (changing) => {
    for (const asked of names) {
      const world = await World.make()
      const { engine, storage } = world
      const asks = requests(world)
      storage.hold()
      const change = changes[changing]?.(world) ?? outcome((asks[changing] as Send)(engine.transport))
      await turns()
      let answer: Answer | undefined
      const answering = outcome((asks[asked] as Send)(engine.transport)).then((found) => (answer = found))
      await turns()
      if (answer) {
        const restarted = withStorage(await storage.afterCrash(), {
          runtime: { clock: engine.clock, random: seededRandom(2) },
        })
        const expected = await outcome((asks[asked] as Send)(restarted))
        if (handedOutOnce.has(asked)) expect(answer.answered).not.toBe(expected.answered)
        else expect({ [asked]: answer.answered }).toEqual({ [asked]: expected.answered })
        await restarted.close()
      }
      storage.release()
      await Promise.all([change, answering])
      await engine.transport.close()
    }
  })

  it.each(['fetch of u', 'fetch of t, committed'])('%s does not wait for records that others append', async (asked) => {
    const world = await World.make()
    world.storage.hold()
    const asks = requests(world)
    const appends = ['produce', 'produce in the open transaction', 'endTxn, commit'].map((name) =>
      asks[name]?.(world.engine.transport),
    )
    await turns()
    let isAnswered = false
    const answering = asks[asked]?.(world.engine.transport).then(() => (isAnswered = true))
    await turns()
    expect(isAnswered).toBe(true)
    world.storage.release()
    await Promise.all([...appends, answering])
  })

  it('does not come at all when the disk has failed, from whoever would tell what was not kept', async () => {
    const world = await World.make()
    const { transport } = world.engine
    const asks = requests(world)
    world.storage.commit = () => Promise.reject(new Error('no space left'))
    await expect(asks['consumerGroupHeartbeat of a second member']?.(transport)).rejects.toThrow(/no space left/)
    for (const name of ['consumerGroupHeartbeat', 'describeGroups', 'offsetFetch', 'listTransactions'])
      await expect(asks[name]?.(transport)).rejects.toThrow(/no space left/)
    await expect(asks['fetch of u']?.(transport)).resolves.toBeDefined()
  })

  it.each(names)('says that the outcome is unknown when the disk fails, whoever is told first: %s', async (name) => {
    const world = await World.make()
    const { transport } = world.engine
    const rejects: ((error: Error) => void)[] = []
    world.storage.commit = () => new Promise((_, reject) => void rejects.push(reject))
    const copy = (): Promise<unknown> => (requests(world)[name] as Send)(transport).catch((error: unknown) => error)
    const copies = [copy(), copy()]
    await turns()
    if (rejects.length === 0) return
    // Units behind the failing write fail first, and were not written.
    for (const [place, reject] of [...rejects.entries()].reverse())
      reject(new StorageError('a bad disk', { retriable: false, outcome: place === 0 ? 'unknown' : 'failed' }))
    for (const told of [...(await Promise.all(copies)), await copy()])
      expect(told).toMatchObject({ code: 'STORAGE', outcome: 'unknown' })
  })

  it('names no offset where nobody waits for the disk (acks 0)', async () => {
    const world = await World.make()
    const answer = await world.engine.harness.produce('u', batch([{ value: 'c' }]), 0, 0)
    expect(answer).toMatchObject({ errorCode: 0, baseOffset: -1, logStartOffset: -1 })
  })
})
