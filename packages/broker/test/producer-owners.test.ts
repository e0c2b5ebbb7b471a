import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  type AnyOperation,
  endTxn,
  initProducerId,
  produce,
  type RequestOf,
  type Transport,
  txnOffsetCommit,
  UnauthorizedError,
} from '@kafkado/core'
import { recordBatchFieldsAt } from '@kafkado/core/internal'
import { batch, Harness, TestProducer } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

let engine: EngineUnderTest
beforeEach(async () => {
  engine = new EngineUnderTest()
  await engine.transport.send(initProducerId, plain)
})
afterEach(() => engine.transport.close())

const plain = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }

/** The engine as a server uses it for the requests of one key, also after a restart. */
const as = (principal: string): Transport => ({
  send: (operation, request, options) => engine.transport.send(operation, request, { ...options, principal }),
  close: () => Promise.resolve(),
})
const idFor = (principal: string): Promise<{ producerId: number; producerEpoch: number }> =>
  as(principal).send(initProducerId, plain)
const written = (topic: string, producer: { producerId: number; producerEpoch: number }, baseSequence = 0) => ({
  transactionalId: null,
  acks: -1,
  timeoutMs: 1000,
  topics: [{ topic, partitions: [{ partition: 0, records: batch([{ value: 'v' }], { ...producer, baseSequence }) }] }],
})

describe('a producer id belongs to the principal that it was given to', () => {
  it.each(['at once', 'after a restart'])('%s, for plain producers', async (when) => {
    const topic = await engine.harness.topic()
    const mine = await idFor('a')
    const other = await idFor('b')
    expect((await as('a').send(produce, written(topic, mine))).topics[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
    if (when !== 'at once') await engine.restart()
    const theft = as('b').send(produce, written(topic, { ...mine, producerEpoch: 1 }))
    await expect(theft).rejects.toThrow(UnauthorizedError)
    await expect(theft).rejects.toMatchObject({
      kafkaName: 'CLUSTER_AUTHORIZATION_FAILED',
      retriable: false,
      outcome: 'failed',
    })
    for (const [owner, producer, sequence] of [['a', mine, 1] as const, ['b', other, 0] as const]) {
      const { topics } = await as(owner).send(produce, written(topic, producer, sequence))
      expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
    }
    expect(await engine.harness.values(topic)).toEqual(['v', 'v', 'v'])
  })

  it('and nothing of a request is written if one of its batches is of another', async () => {
    const topic = await engine.harness.topic()
    const [mine, other] = [await idFor('a'), await idFor('b')]
    const request = written(topic, mine)
    const { partitions } = written(topic, other).topics[0] as (typeof request)['topics'][number]
    const both = { ...request, topics: [...request.topics, { topic: 'more', partitions }] }
    await expect(as('a').send(produce, both)).rejects.toThrow(/producer id \d+ was not given to 'a'/)
    expect(await engine.harness.values(topic)).toEqual([])
  })

  it.each([
    ['never given out', 50_000],
    ['of the program with the engine', 1000],
    ['before all', 5],
  ])('so an id %s is of no principal', async (_, producerId) => {
    const topic = await engine.harness.topic()
    const request = written(topic, { producerId, producerEpoch: 0 })
    await expect(as('a').send(produce, request)).rejects.toThrow(UnauthorizedError)
    expect((await engine.transport.send(produce, request)).topics[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
  })

  it('while batches without an id, and ids that are not exact, are judged as without a principal', async () => {
    const topic = await engine.harness.topic()
    const request = written(topic, { producerId: -1, producerEpoch: -1 }, -1)
    expect((await as('a').send(produce, request)).topics[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
    const records = batch([{ value: 'v' }])
    new DataView(records.buffer, records.byteOffset).setBigInt64(recordBatchFieldsAt.producerId, 2n ** 60n)
    const topics = [{ topic, partitions: [{ partition: 0, records }] }]
    const [refused] = (await as('a').send(produce, { ...request, topics })).topics
    expect(refused?.partitions[0]?.errorCode).not.toBe(0)
  })
})

const lastEpoch = 2 ** 15 - 2

describe('a transaction', () => {
  const ended = (producer: TestProducer) => ({
    transactionalId: producer.transactionalId,
    producerId: producer.producerId,
    producerEpoch: producer.producerEpoch,
  })
  const attempts: [string, (topic: string, of: ReturnType<typeof ended>) => [AnyOperation, unknown]][] = [
    ['endTxn', (_, of) => [endTxn, { ...of, committed: false }]],
    ['addPartitionsToTxn', (topic, of) => [addPartitionsToTxn, { ...of, topics: [{ topic, partitions: [0] }] }]],
    ['addOffsetsToTxn', (_, of) => [addOffsetsToTxn, { ...of, groupId: 'g' }]],
    [
      'txnOffsetCommit',
      (_, of) => [
        txnOffsetCommit,
        { ...of, groupId: 'g', memberId: '', generationId: -1, groupInstanceId: null, topics: [] },
      ],
    ],
    ['initProducerId', (_, of) => [initProducerId, { ...of, transactionTimeoutMs: 60_000 }]],
    [
      'produce',
      (topic, { transactionalId, ...of }) => [
        produce,
        {
          ...written(topic, of),
          transactionalId,
          topics: [
            {
              topic,
              partitions: [
                { partition: 0, records: batch([{ value: 'b' }], { ...of, baseSequence: 1, isTransactional: true }) },
              ],
            },
          ],
        },
      ],
    ],
  ]

  it.each(attempts)('of one principal refuses %s by another, who knows its id and epoch', async (_, attempt) => {
    const topic = await engine.harness.topic()
    const producer = await new TestProducer(new Harness(as('a'), 'a')).init()
    await producer.send(topic, ['a'])
    await engine.restart()
    const [operation, request] = attempt(topic, ended(producer))
    const theft = as('b').send(operation, request as RequestOf<typeof operation>)
    await expect(theft).rejects.toMatchObject({
      kafkaName: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      retriable: false,
      outcome: 'failed',
    })
    await producer.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['a'])
  })

  it.each([false, true])('is taken over by a principal that asks for its name (open: %s)', async (isOpen) => {
    const topic = await engine.harness.topic()
    const first = await new TestProducer(new Harness(as('a'), 'a'), 'tx').init()
    if (isOpen) await first.send(topic, ['a'])
    const second = await new TestProducer(new Harness(as('b'), 'b'), 'tx').init()
    expect(second.producerId).not.toBe(first.producerId)
    await expect(first.askEnd(true)).rejects.toMatchObject({ kafkaName: 'INVALID_PRODUCER_ID_MAPPING' })
    await expect(first.init(ended(first))).rejects.toMatchObject({ kafkaName: 'PRODUCER_FENCED' })
    await second.send(topic, ['b'])
    await second.end(true)
    expect(await engine.harness.committed(topic)).toEqual(['b'])
  })

  it('stays with its principal when its epochs are used up', async () => {
    const producer = await new TestProducer(new Harness(as('a'), 'a'), 'tx').init()
    const former = producer.producerId
    const topic = await engine.harness.topic()
    while (producer.producerEpoch < lastEpoch) await producer.init(ended(producer))
    await producer.send(topic, ['a'])
    await producer.end(true)
    expect(producer.producerId).not.toBe(former)
    expect(await producer.send(topic, ['b'])).toMatchObject({ errorCode: 0 })
    await expect(as('b').send(endTxn, { ...ended(producer), committed: true })).rejects.toThrow(UnauthorizedError)
  })
})
