import { describeProducers, fetch, initProducerId, listTransactions, offsetCommit, offsetFetch } from '@kafkado/core'
import { batch, startTime, TestMember, TestProducer } from '@kafkado/testing/conformance'
import { describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

const [hourMs, dayMs] = [3_600_000, 86_400_000]
/** How the clock is set during a wait. */
const adjustments = [-dayMs, -hourMs, hourMs, dayMs]

/** Something that ends after a certain time, however the machine's clock is set meanwhile. */
interface Timed {
  readonly name: string
  readonly afterMs: number
  /** Whether the housekeeping ends it, which runs once a minute. */
  readonly isSwept?: true
  /** Begins it; returns whether it is over. */
  readonly begin: (engine: EngineUnderTest) => Promise<() => Promise<boolean>>
}

const member = (engine: EngineUnderTest, topic: string, rebalanceTimeoutMs = 60_000): TestMember =>
  new TestMember(engine.harness, 'group', [topic], { rebalanceTimeoutMs })

const isRefused = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => false,
    () => true,
  )

const committedOffset = async (engine: EngineUnderTest, topic: string): Promise<number | undefined> => {
  const topics = [{ topic, partitions: [0] }]
  const request = { groupId: 'simple', memberId: null, memberEpoch: -1, topics, requireStable: false }
  return (await engine.transport.send(offsetFetch, request)).topics[0]?.partitions[0]?.committedOffset
}

const openTransaction = async (engine: EngineUnderTest, transactionTimeoutMs: number): Promise<string> => {
  const topic = await engine.harness.topic()
  const producer = await new TestProducer(engine.harness, 'id').init({ transactionTimeoutMs })
  await producer.send(topic, ['open'])
  return topic
}

/** Whether the last stable offset has passed the open transaction and its marker. */
const isDecided = async (engine: EngineUnderTest, topic: string): Promise<boolean> =>
  (await engine.harness.fetch(topic, 0)).lastStableOffset === 2

const timed: Timed[] = [
  {
    name: 'the session of a silent member',
    afterMs: 45_000,
    begin: async (engine) => {
      const silent = member(engine, await engine.harness.topic())
      await silent.beat()
      const { memberId, epoch } = silent
      const fetching = { groupId: 'group', memberId, memberEpoch: epoch, topics: [], requireStable: false }
      return () => isRefused(engine.transport.send(offsetFetch, fetching))
    },
  },
  {
    name: 'the rebalance timeout of a member that does not let go',
    afterMs: 10_000,
    begin: async (engine) => {
      const topic = await engine.harness.topic(2)
      const slow = member(engine, topic, 10_000)
      await slow.beat()
      await member(engine, topic).beat()
      await slow.beat({ topicPartitions: null })
      return () => isRefused(slow.beat({ topicPartitions: null }))
    },
  },
  {
    name: 'heartbeats of a group that has just changed',
    afterMs: 10_000,
    begin: async (engine) => {
      const one = member(engine, await engine.harness.topic())
      await one.beat()
      return async () => (await one.beat()).heartbeatIntervalMs === 5000
    },
  },
  {
    name: 'an open transaction, and with it the last stable offset',
    afterMs: 60_000,
    begin: async (engine) => {
      const topic = await openTransaction(engine, 60_000)
      return () => isDecided(engine, topic)
    },
  },
  {
    name: 'the duration by which transactions are listed',
    afterMs: 60_000,
    begin: async (engine) => {
      await openTransaction(engine, 900_000)
      const request = { stateFilters: [], producerIdFilters: [], durationFilterMs: 60_000 }
      return async () => (await engine.transport.send(listTransactions, request)).transactionStates.length > 0
    },
  },
  {
    name: 'what a partition remembers of an idle producer',
    afterMs: 2 * hourMs,
    isSwept: true,
    begin: async (engine) => {
      const topic = await engine.harness.topic()
      const producer = await engine.harness.producerId()
      await engine.harness.produce(topic, batch([{ value: 'a' }], { ...producer, baseSequence: 0 }))
      const request = { topics: [{ topic, partitions: [0] }] }
      return async () => {
        const { topics } = await engine.transport.send(describeProducers, request)
        return topics[0]?.partitions[0]?.activeProducers.length === 0
      }
    },
  },
  {
    name: 'a transactional id that nobody uses',
    afterMs: 2 * hourMs,
    isSwept: true,
    begin: async (engine) => {
      const { producerId } = await new TestProducer(engine.harness, 'idle').init()
      // A continuing producer is refused while its id is remembered at another epoch; a stranger's request would be
      // accepted.
      const request = { transactionalId: 'idle', transactionTimeoutMs: 60_000, producerId, producerEpoch: 7 }
      return async () => !(await isRefused(engine.transport.send(initProducerId, request)))
    },
  },
  {
    name: 'committed offsets that are not committed again',
    afterMs: 2 * hourMs,
    isSwept: true,
    begin: async (engine) => {
      const topic = await engine.harness.topic()
      const partitions = [{ partition: 0, committedOffset: 5, committedLeaderEpoch: -1, committedMetadata: null }]
      const identity = { groupId: 'simple', memberId: '', memberEpoch: -1, groupInstanceId: null }
      await engine.transport.send(offsetCommit, { ...identity, topics: [{ topic, partitions }] })
      return async () => (await committedOffset(engine, topic)) === -1
    },
  },
  {
    name: 'a fetch that waits for records',
    afterMs: 30_000,
    begin: async (engine) => {
      const topic = await engine.harness.topic()
      let isAnswered = false
      const topics = [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }]
      const request = { maxWaitMs: 30_000, minBytes: 1000, maxBytes: 1000, topics }
      void engine.transport
        .send(fetch, { ...request, isolationLevel: 'read_uncommitted' })
        .then(() => (isAnswered = true))
      // Too little for an answer: the fetch checks the rest of its time, and continues to wait.
      await engine.harness.produceEach(topic, 'a')
      return () => Promise.resolve(isAnswered)
    },
  },
  {
    name: 'housekeeping',
    afterMs: 60_000,
    begin: async (engine) => {
      const topic = await engine.harness.topic(1, { 'retention.bytes': '1', 'retention.ms': '-1' })
      await engine.harness.produceEach(topic, 'a', 'b', 'c')
      return async () => (await engine.harness.fetch(topic, 2)).logStartOffset > 0
    },
  },
]

const cleanupIntervalMs = 60_000

const options = {
  producerIdExpiration: '2h',
  transactionalIdExpiration: '2h',
  offsetsRetention: '2h',
} as const

describe.each(adjustments)('a clock that is set by %d ms', (adjustMs) => {
  it.each(timed)('neither shortens nor lengthens $name', async ({ begin, afterMs, isSwept }) => {
    const engine = new EngineUnderTest(options)
    const isOver = await begin(engine)
    engine.clock.adjust(adjustMs)
    // A check in the middle sees both times.
    await engine.clock.advanceAsync(afterMs / 2)
    engine.clock.adjust(-2 * adjustMs)
    await engine.clock.advanceAsync(afterMs / 2 - 1)
    expect(await isOver()).toBe(false)
    await engine.clock.advanceAsync(isSwept ? 1 + cleanupIntervalMs : 1)
    expect(await isOver()).toBe(true)
    await engine.transport.close()
  })

  it('leaves an open transaction at most its own time after a restart', async () => {
    const engine = new EngineUnderTest()
    const topic = await openTransaction(engine, 60_000)
    await engine.clock.advanceAsync(20_000)
    engine.clock.adjust(adjustMs)
    await engine.restart()
    expect(await isDecided(engine, topic)).toBe(false)
    await engine.clock.advanceAsync(60_000)
    expect(await isDecided(engine, topic)).toBe(true)
    await engine.transport.close()
  })

  it('forgets nothing that was used just before a restart, when it was set back meanwhile', async () => {
    const engine = new EngineUnderTest(options)
    const topic = await engine.harness.topic()
    const producer = await engine.harness.producerId()
    const records = batch([{ value: 'a', timestamp: startTime }], { ...producer, baseSequence: 0 })
    await engine.harness.produce(topic, records)
    engine.clock.adjust(-Math.abs(adjustMs))
    await engine.restart()
    await engine.clock.advanceAsync(hourMs)
    expect(await engine.harness.produce(topic, records)).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(await engine.harness.values(topic)).toEqual(['a'])
    await engine.transport.close()
  })
})

describe('a rebalance timeout', () => {
  it('is whole for each thing that a member has to give up', async () => {
    const engine = new EngineUnderTest()
    const topic = await engine.harness.topic(3)
    const slow = member(engine, topic, 10_000)
    await slow.beat()
    const second = member(engine, topic)
    await second.beat()
    await slow.beat({ topicPartitions: null })
    await engine.clock.advanceAsync(9000)
    const third = member(engine, topic)
    await third.beat()
    // It gives up the one, and learns that it has to give up another as well.
    await slow.beat()
    await engine.clock.advanceAsync(9000)
    await slow.beat({ topicPartitions: null })
    await engine.clock.advanceAsync(1000)
    expect(await isRefused(slow.beat({ topicPartitions: null }))).toBe(true)
    await engine.transport.close()
  })
})

describe('the timeout of a transaction', () => {
  it('is that of the last initProducerId, also when its answer repeats an earlier one', async () => {
    const engine = new EngineUnderTest()
    const topic = await engine.harness.topic()
    const producer = await new TestProducer(engine.harness).init({ transactionTimeoutMs: 1000 })
    const { producerId, producerEpoch } = producer
    await producer.send(topic, ['first'])
    await engine.clock.advanceAsync(1000)
    await producer.init({ producerId, producerEpoch, transactionTimeoutMs: 60_000 })
    await engine.restart()
    const again = new TestProducer(engine.harness, producer.transactionalId)
    await again.init({ producerId, producerEpoch, transactionTimeoutMs: 60_000 })
    await again.send(topic, ['second'])
    await engine.clock.advanceAsync(59_999)
    await again.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['second'])
    await again.send(topic, ['third'])
    await engine.clock.advanceAsync(60_000)
    await expect(again.askEnd(true)).rejects.toMatchObject({ code: 'PRODUCER_FENCED' })
    await engine.transport.close()
  })
})
