import {
  codeOf,
  describeTransactions,
  endTxn,
  listTransactions,
  offsetCommit,
  offsetFetch,
  produce,
} from '@kafkado/core'
import { batch, TestProducer } from '@kafkado/testing/conformance'
import { MemoryStorage } from '@kafkado/broker/storage'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

describe('transactions over time and restarts', () => {
  let engine: EngineUnderTest
  beforeEach(() => {
    engine = new EngineUnderTest()
  })
  afterEach(() => engine.transport.close())

  const stateOf = async ({ transactionalId }: TestProducer) => {
    const response = await engine.transport.send(describeTransactions, { transactionalIds: [transactionalId] })
    return response.transactionStates[0]?.transactionState
  }

  const commitPlainly = (groupId: string, topic: string, committedOffset: number) => {
    const partitions = [{ partition: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: null }]
    const request = { groupId, memberId: '', memberEpoch: -1, groupInstanceId: null, topics: [{ topic, partitions }] }
    return engine.transport.send(offsetCommit, request)
  }

  const committedOffset = async (groupId: string, topic: string) => {
    const topics = [{ topic, partitions: [0] }]
    const request = { groupId, memberId: null, memberEpoch: -1, topics, requireStable: false }
    return (await engine.transport.send(offsetFetch, request)).topics[0]?.partitions[0]?.committedOffset
  }

  it('aborts and fences a transaction that takes longer than its timeout', async () => {
    const topic = await engine.harness.topic()
    const producer = await new TestProducer(engine.harness).init({ transactionTimeoutMs: 10_000 })
    await producer.send(topic, ['a'])
    await engine.harness.produceEach(topic, 'plain')
    await engine.clock.advanceAsync(9999)
    expect(await engine.harness.committed(topic)).toEqual([])
    await engine.clock.advanceAsync(1)
    expect(await stateOf(producer)).toBe('CompleteAbort')
    expect(await engine.harness.committed(topic)).toEqual(['plain'])
    await expect(producer.askEnd(true)).rejects.toMatchObject({ code: 'PRODUCER_FENCED', retriable: false })
    expect(await producer.send(topic, ['late'])).toMatchObject({ errorCode: codeOf('INVALID_PRODUCER_EPOCH') })
  })

  it('lets the producer of a transaction that timed out go on with initProducerId (KIP-588)', async () => {
    const topic = await engine.harness.topic()
    const producer = await new TestProducer(engine.harness).init({ transactionTimeoutMs: 10_000 })
    await producer.send(topic, ['a'])
    await engine.clock.advanceAsync('10s')
    const { producerId, producerEpoch } = producer
    await producer.init({ producerId, producerEpoch })
    await producer.send(topic, ['b'])
    await producer.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['b'])
  })

  it.each(['first', 'second'])(
    'changes nothing while the %s log of it cannot be read after a restart',
    async (which) => {
      const topics = [await engine.harness.topic(), await engine.harness.topic()] as const
      const producer = await new TestProducer(engine.harness).init({ transactionTimeoutMs: 10_000 })
      for (const topic of topics) await producer.send(topic, ['a'])
      await engine.restart()
      const damaged = vi.spyOn(engine.storage, 'readBatches')
      const read = damaged.getMockImplementation() ?? MemoryStorage.prototype.readBatches
      let isUnreadable = true
      const seen = new Set<number>()
      damaged.mockImplementation((...given) => {
        const bytes = read.apply(engine.storage as MemoryStorage, given)
        seen.add(given[0])
        const isDamaged = isUnreadable && seen.size >= (which === 'first' ? 1 : 2)
        if (isDamaged) bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
        return bytes
      })
      const { transactionalId, producerId, producerEpoch } = producer
      const end = { transactionalId, producerId, producerEpoch, committed: true }
      await expect(engine.transport.send(endTxn, end)).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE' })
      // The timer fails in the same way, and retries.
      await engine.clock.advanceAsync('10s')
      expect(await stateOf(producer)).toBe('Ongoing')
      isUnreadable = false
      await engine.clock.advanceAsync('10s')
      expect(await stateOf(producer)).toBe('CompleteAbort')
      for (const topic of topics) {
        await engine.harness.produceEach(topic, 'plain')
        expect(await engine.harness.committed(topic)).toEqual(['plain'])
      }
    },
  )

  it('does not count the time between transactions', async () => {
    const topic = await engine.harness.topic()
    const producer = await new TestProducer(engine.harness).init({ transactionTimeoutMs: 10_000 })
    for (let round = 0; round < 3; round++) {
      await producer.send(topic, ['a'])
      await engine.clock.advanceAsync('9s')
      await producer.end(true)
      await engine.clock.advanceAsync('9s')
    }
    expect(await engine.harness.committed(topic)).toHaveLength(3)
  })

  it('keeps an open transaction, its offsets and what is left of its time over a restart', async () => {
    const topic = await engine.harness.topic()
    const producer = await new TestProducer(engine.harness).init({ transactionTimeoutMs: 10_000 })
    await producer.send(topic, ['a'])
    await producer.commitOffset('group', topic, 7)
    await engine.clock.advanceAsync('6s')
    await engine.restart()
    await engine.harness.produceEach(topic, 'plain')
    expect(await engine.harness.committed(topic)).toEqual([])
    await engine.clock.advanceAsync('4s')
    expect(await engine.harness.committed(topic)).toEqual(['plain'])
    const topics = [{ topic, partitions: [0] }]
    const request = { groupId: 'group', memberId: null, memberEpoch: -1, topics, requireStable: true }
    expect((await engine.transport.send(offsetFetch, request)).topics[0]?.partitions[0]).toMatchObject({
      errorCode: 0,
      committedOffset: -1,
    })
  })

  it('remembers aborted transactions, epochs and decisions over a restart', async () => {
    const topic = await engine.harness.topic()
    const { transactionalId, producerId } = await engine.producer()
    const producer = await engine.producer(transactionalId)
    await producer.send(topic, ['a'])
    await producer.askEnd(false)
    await engine.restart()
    const again = new TestProducer(engine.harness, transactionalId)
    Object.assign(again, { producerId, producerEpoch: 1 })
    expect(await again.askEnd(false)).toMatchObject({ producerId, producerEpoch: 2 })
    await expect(again.askEnd(true)).rejects.toMatchObject({ code: 'INVALID_TXN_STATE' })
    await engine.harness.produceEach(topic, 'plain')
    expect(await engine.harness.committed(topic)).toEqual(['plain'])
    expect((await again.init()).producerEpoch).toBe(3)
  })

  it('remembers the sequence numbers of an open transaction over a restart', async () => {
    const topic = await engine.harness.topic()
    const { transactionalId, producerId, producerEpoch } = await engine.producer()
    const send = async (baseSequence: number) => {
      const records = batch([{ value: 'a' }], { isTransactional: true, producerId, producerEpoch, baseSequence })
      return engine.harness.produce(topic, records, 0, -1, transactionalId)
    }
    expect(await send(0)).toMatchObject({ errorCode: 0, baseOffset: 0 })
    await engine.restart()
    expect(await send(0)).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(await send(1)).toMatchObject({ errorCode: 0, baseOffset: 1 })
    expect(await send(5)).toMatchObject({ errorCode: codeOf('OUT_OF_ORDER_SEQUENCE_NUMBER') })
  })

  it('forgets transactional ids that nobody has used for 7 days, but none with an open transaction', async () => {
    const topic = await engine.harness.topic()
    const idle = await engine.producer()
    await engine.clock.advanceAsync('7d')
    const open = await new TestProducer(engine.harness).init({ transactionTimeoutMs: 900_000 })
    await open.send(topic, ['a'])
    await engine.clock.advanceAsync('2m')
    const known = await engine.transport.send(listTransactions, {
      stateFilters: [],
      producerIdFilters: [],
      durationFilterMs: -1,
    })
    expect(known.transactionStates.map(({ transactionalId }) => transactionalId)).toEqual([open.transactionalId])
    expect((await engine.producer(idle.transactionalId)).producerId).not.toBe(idle.producerId)
  })

  it('forgets nothing of a transaction that is open for longer than everything else is remembered', async () => {
    await engine.transport.close()
    engine = new EngineUnderTest({
      maxTransactionTimeout: '10d',
      transactionalIdExpiration: '1h',
      producerIdExpiration: '1h',
      offsetsRetention: '1h',
    })
    const topic = await engine.harness.topic()
    await commitPlainly('group', topic, 3)
    const producer = await engine.producer(undefined, 86_400_000)
    await producer.send(topic, ['a'])
    await producer.commitOffset('group', topic, 7)
    await engine.clock.advanceAsync('5h')
    expect(await engine.harness.committed(topic)).toEqual([])
    expect(await committedOffset('group', topic)).toBe(3)
    await producer.send(topic, ['b'])
    await producer.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['a', 'b'])
    expect(await committedOffset('group', topic)).toBe(7)
    await engine.clock.advanceAsync('5h')
    expect(await committedOffset('group', topic)).toBe(-1)
  })

  it('goes on with another producer id when the 32,767 epochs of one are used up, without fencing anybody by that', async () => {
    const topic = await engine.harness.topic()
    const producer = await engine.producer()
    const { producerId } = producer
    while (producer.producerEpoch < 32_766) await producer.end(false)
    expect(producer.producerId).toBe(producerId)
    await producer.send(topic, ['last'])
    const first = await producer.askEnd(true)
    expect(first.producerId).not.toBe(producerId)
    expect(first.producerEpoch).toBe(0)
    expect(await producer.askEnd(true)).toEqual(first)
    await expect(producer.askEnd(false)).rejects.toMatchObject({ code: 'INVALID_TXN_STATE' })
    await producer.end(true)
    await producer.send(topic, ['next'])
    await producer.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['last', 'next'])
  })

  it('aborts and goes on with another id when initProducerId finds the last epoch in a transaction', async () => {
    const topic = await engine.harness.topic()
    const producer = await engine.producer()
    while (producer.producerEpoch < 32_766) await producer.end(false)
    const { producerId, producerEpoch } = producer
    await producer.send(topic, ['lost'])
    await producer.init({ producerId, producerEpoch })
    const identity = [producer.producerId, producer.producerEpoch]
    expect(identity[0]).not.toBe(producerId)
    expect(identity[1]).toBe(0)
    await producer.init({ producerId, producerEpoch })
    expect([producer.producerId, producer.producerEpoch]).toEqual(identity)
    await producer.send(topic, ['kept'])
    await producer.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['kept'])
  })

  it('writes to several partitions in one request', async () => {
    const topic = await engine.harness.topic(2)
    const { transactionalId, producerId, producerEpoch } = await engine.producer()
    const options = { isTransactional: true, producerId, producerEpoch, baseSequence: 0 }
    const partitions = [0, 1].map((partition) => ({ partition, records: batch([{ value: 'a' }], options) }))
    const response = await engine.transport.send(produce, {
      transactionalId,
      acks: -1,
      timeoutMs: 1000,
      topics: [{ topic, partitions }],
    })
    expect(response.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 0])
  })

  it('leaves no timer behind when it is closed in a transaction', async () => {
    const topic = await engine.harness.topic()
    await (await engine.producer()).send(topic, ['a'])
    await engine.transport.close()
    expect(engine.clock.pendingTimers).toBe(0)
  })
})
