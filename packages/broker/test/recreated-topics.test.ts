import { createAdmin } from '@kafkado/admin'
import { MemoryStorage, type StorageChanges } from '@kafkado/broker/storage'
import {
  codeOf,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeTransactions,
  intercept,
  listOffsets,
  offsetFetch,
} from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { batch, RecreatedTopic, startTime, TestMember, TestProducer } from '@kafkado/testing/conformance'
import { afterEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')
const unknownTopicId = codeOf('UNKNOWN_TOPIC_ID')

/** Keeps its units, and removes batches only when a test lets it. */
class WatchedStorage extends MemoryStorage {
  readonly units: StorageChanges[] = []
  /** Called before the batches of a log are removed. */
  beforeRemoval: (logId: number, beforeOffset: number | null) => Promise<void> = () => Promise.resolve()
  /** Called before a unit is stored. */
  beforeCommit: () => Promise<void> = () => Promise.resolve()

  override async commit(changes: StorageChanges): Promise<void> {
    this.units.push(changes)
    await this.beforeCommit()
    await super.commit(changes)
  }

  override async removeBatches(logId: number, beforeOffset: number | null): Promise<boolean> {
    await this.beforeRemoval(logId, beforeOffset)
    return super.removeBatches(logId, beforeOffset)
  }

  /** The stored records of logs and of batches being removed. */
  get logRecords(): number {
    return (['log', 'trim', 'producer', 'cleaner', 'aborted'] as const).reduce(
      (sum, kind) => sum + this.readMetadata(kind).length,
      0,
    )
  }
}

describe('topics that are deleted and made again', () => {
  let engine: EngineUnderTest
  const storage = () => engine.storage as WatchedStorage
  const start = () => {
    engine = new EngineUnderTest({}, new WatchedStorage())
    return engine
  }
  afterEach(() => engine.transport.close())

  const make = (partitions?: number) => RecreatedTopic.make(start().harness, partitions)
  const creating = (topic: string) => ({
    timeoutMs: 30_000,
    validateOnly: false,
    topics: [{ topic, numPartitions: 1, replicationFactor: -1, configs: [] }],
  })

  it('give a fetch by name that waits nothing of the new one, however quickly that is there', async () => {
    const topic = await make()
    const waiting = [topic.fetch(null, { maxWaitMs: 10_000 }), topic.fetch(topic.topicId, { maxWaitMs: 10_000 })]
    // In one turn, so that the new topic has records before waiting readers learn that the old one is gone.
    await Promise.all([
      engine.transport.send(deleteTopics, { timeoutMs: 30_000, topics: [topic.topic] }),
      engine.transport.send(createTopics, creating(topic.topic)),
      engine.harness.produce(topic.topic, batch([{ value: 'new' }])),
    ])
    const [byName, byId] = await Promise.all(waiting)
    expect(byName).toMatchObject({ errorCode: unknownTopic, records: new Uint8Array(0) })
    expect(byId).toMatchObject({ errorCode: unknownTopicId, records: new Uint8Array(0) })
    expect(await engine.harness.values(topic.topic)).toEqual(['new'])
  })

  it('are no answer to who looked for an offset in the old one', async () => {
    const topic = await make()
    await engine.harness.produce(topic.topic, batch([{ value: 'a' }]))
    const [found, youngest] = await Promise.all([
      engine.harness.offsetFor(topic.topic, startTime),
      engine.harness.offsetFor(topic.topic, startTime + 1),
      engine.transport.send(deleteTopics, { timeoutMs: 30_000, topics: [topic.topic] }),
      engine.transport.send(createTopics, creating(topic.topic)),
    ])
    expect(found).toMatchObject({ errorCode: unknownTopic, offset: -1 })
    expect(youngest).toMatchObject({ errorCode: unknownTopic, offset: -1 })
  })

  it('go in one unit of the storage with everything that belongs to them', async () => {
    const topic = await make(2)
    const producer = await engine.producer()
    await producer.send(topic.topic, ['a'])
    await producer.send(topic.topic, ['b'], 1)
    await topic.commit('plain', topic.topicId, 1)
    await topic.commitIn(producer, 'pending', topic.topicId, 2)
    const kindsBefore = new Set(['topic', 'offset', 'pendingOffset', 'producer'])
    const before = storage().units.length
    await topic.delete()
    const removed = (storage().units[before] as StorageChanges).records.filter(({ value }) => value === null)
    expect(new Set(removed.map(({ kind }) => kind))).toEqual(new Set([...kindsBefore, 'log', 'cleaner']))
    for (const kind of kindsBefore) expect(storage().readMetadata(kind as 'topic')).toEqual([])
  })

  it.each(['before', 'after'])('are there whole or not at all when the engine dies %s that', async (when) => {
    const topic = await make()
    const producer = await engine.producer()
    await producer.send(topic.topic, ['a'])
    await topic.commit('plain', topic.topicId, 1)
    await topic.commitIn(producer, 'pending', topic.topicId, 2)
    const storageThen = storage()
    if (when === 'before') storageThen.beforeCommit = () => Promise.reject(new Error('no power'))
    await topic.delete().catch(() => undefined)
    storageThen.beforeCommit = () => Promise.resolve()
    await engine.restart()
    const request = { memberId: null, memberEpoch: -1, topics: null, requireStable: false }
    const committed = async (groupId: string) =>
      (await engine.transport.send(offsetFetch, { ...request, groupId })).topics.map((one) => one.topic)
    const expected = when === 'before' ? [topic.topic] : []
    expect(await committed('plain')).toEqual(expected)
    await new TestProducer(engine.harness, producer.transactionalId).init()
    expect(storageThen.readMetadata('pendingOffset')).toEqual([])
    expect((await engine.harness.fetch(topic.topic, 0)).errorCode).toBe(when === 'before' ? 0 : unknownTopic)
  })

  type End = readonly [how: string, end: (producer: TestProducer) => Promise<unknown>]
  const ends: readonly End[] = [
    ['committed', (producer) => producer.end(true)],
    ['aborted', (producer) => producer.end(false)],
    ['timed out', () => engine.clock.advanceAsync('61s')],
    ['taken over', ({ transactionalId }) => engine.producer(transactionalId)],
  ]

  it.each(ends.flatMap(([how, end]) => [false, true].map((restarts) => [how, restarts, end] as const)))(
    'are not touched by a transaction of the old one that is %s (restart: %s)',
    async (_, restarts, end) => {
      const topic = await make()
      const { transactionalId } = await engine.producer()
      const old = await engine.producer(transactionalId)
      await old.send(topic.topic, ['lost'])
      await old.commitOffset('group', topic.topic, 7)
      await topic.recreate()
      await engine.harness.produceEach(topic.topic, 'plain')
      if (restarts) await engine.restart()
      await end(
        Object.assign(new TestProducer(engine.harness, transactionalId), {
          producerId: old.producerId,
          producerEpoch: old.producerEpoch,
        }),
      )
      const { highWatermark, lastStableOffset } = await engine.harness.fetch(topic.topic, 0)
      expect([highWatermark, lastStableOffset]).toEqual([1, 1])
      expect(await engine.harness.committed(topic.topic)).toEqual(['plain'])
      const { transactionStates } = await engine.transport.send(describeTransactions, {
        transactionalIds: [transactionalId],
      })
      expect(transactionStates[0]).toMatchObject({ topics: [], transactionStartTimeMs: -1 })
      const next = await engine.producer(transactionalId)
      await next.send(topic.topic, ['next'])
      await next.end(true)
      expect(await engine.harness.committed(topic.topic)).toEqual(['plain', 'next'])
    },
  )

  it('are given to a member only after the old one, also when the engine is started anew in between', async () => {
    const topic = await make()
    const member = new TestMember(engine.harness, 'group', [topic.topic])
    await member.beat()
    const old = member.owned
    expect(old).toMatchObject([{ topicId: topic.topicId }])
    await topic.recreate()
    await member.beat({ topicPartitions: old })
    await engine.restart()
    const back = new TestMember(engine.harness, 'group', [topic.topic], { memberId: member.memberId })
    back.epoch = member.epoch
    const held = await back.beat({ topicPartitions: old })
    expect(held.assignment?.topicPartitions ?? []).toEqual([])
    back.owned = []
    await back.beat()
    expect(back.owned).toEqual([{ topic: topic.topic, topicId: topic.topicId, partitions: [0] }])
  })

  it('take no part in the housekeeping that was about to come to the old ones', async () => {
    start()
    const configs = { 'retention.ms': '1000' }
    const [first, second] = [await engine.harness.topic(1, configs), await engine.harness.topic(1, configs)]
    for (const topic of [first, second]) await engine.harness.produce(topic, batch([{ value: 'old' }]))
    let isDeleted = false
    const gates: (() => void)[] = []
    storage().beforeRemoval = async (_, beforeOffset) => {
      // The removal of deleted records comes later than the housekeeping.
      if (beforeOffset === null) return new Promise((resolve) => gates.push(resolve))
      if (isDeleted) return
      isDeleted = true
      await engine.transport.send(deleteTopics, { timeoutMs: 30_000, topics: [first, second] })
    }
    await engine.clock.advanceAsync('10m')
    expect(isDeleted).toBe(true)
    for (const open of gates) open()
    await engine.clock.advanceAsync(1)
    expect(storage().logRecords).toBe(0)
  })

  it('leave a note of what is still to be removed until all of it is', async () => {
    const topic = await make()
    await engine.harness.produceEach(topic.topic, 'a', 'b')
    const gates = new Map<number | null, () => void>()
    storage().beforeRemoval = (_, beforeOffset) => new Promise((resolve) => gates.set(beforeOffset, resolve))
    const partitions = [{ partition: 0, offset: 1 }]
    await engine.transport.send(deleteRecords, { timeoutMs: 30_000, topics: [{ topic: topic.topic, partitions }] })
    await topic.delete()
    gates.get(1)?.()
    await engine.clock.advanceAsync(1)
    expect(storage().readMetadata('trim')).toMatchObject([{ value: { beforeOffset: null } }])
    gates.get(null)?.()
    await engine.clock.advanceAsync(1)
    expect(storage().logRecords).toBe(0)
  })

  it('are not where an administrator sends a group who looked for the offset in the old one', async () => {
    const topic = await make()
    await engine.harness.produceEach(topic.topic, 'a', 'b')
    const transport = intercept(engine.transport, (next) => async (operation, request, options) => {
      const answer = await next(operation, request, options)
      if (operation === listOffsets) await topic.recreate()
      return answer
    })
    await expect(createAdmin(transport).resetOffsets('group', topic.topic, 'latest')).rejects.toMatchObject({
      kafkaCode: unknownTopicId,
    })
    expect(await topic.committed('group')).toMatchObject({ committedOffset: -1 })
  })

  it('begin at the offset 0, whatever the old one had come to', async () => {
    const topic = await make()
    await engine.harness.produceEach(topic.topic, 'a', 'b')
    await topic.recreate()
    await engine.restart()
    expect(await engine.harness.offsetFor(topic.topic, listOffsetsTimestamp.latest)).toMatchObject({ offset: 0 })
  })
})
