import { addPartitionsToTxn, describeTransactions, ProducerFencedError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { batch, errorNumber, type GetHarness, noError } from '../harness/harness.ts'
import { refusal } from '../harness/test-member.ts'
import { TestProducer } from '../harness/test-producer.ts'

const start = (get: GetHarness, transactionalId?: string) => new TestProducer(get(), transactionalId).init()

/**
 * Transactions as of KIP-890: identity, fencing and writing. Facts from KIP-98, KIP-360, KIP-890 and
 * TransactionCoordinatorTest.
 */
export function transactionCases(get: GetHarness): void {
  describe('initProducerId with a transactional id', () => {
    transactionalEpochs(get)
    initRefusals(get)
  })
  describe('two producers with one transactional id', () => fencing(get))
  describe('numbers within a transaction', () => sequencesInTransactions(get))
  describe('writing within a transaction', () => {
    announcements(get)
    writesInTransactions(get)
  })
}

/** The epochs of an id. */
function transactionalEpochs(get: GetHarness): void {
  it('begins at epoch 0', async () => {
    const { producerId, producerEpoch } = await start(get)
    expect(producerId).toBeGreaterThanOrEqual(0)
    expect(producerEpoch).toBe(0)
  })

  it('gives different transactional ids different producers', async () => {
    const [first, second] = [await start(get), await start(get)]
    expect(first.producerId).not.toBe(second.producerId)
  })

  it('gives the next producer with the id the next epoch', async () => {
    const first = await start(get)
    const second = await start(get, first.transactionalId)
    expect([second.producerId, second.producerEpoch]).toEqual([first.producerId, 1])
  })

  it('raises the epoch of a producer that goes on (KIP-360)', async () => {
    const producer = await start(get)
    const { producerId } = producer
    await producer.init({ producerId, producerEpoch: 0 })
    expect([producer.producerId, producer.producerEpoch]).toEqual([producerId, 1])
  })

  it('gives the transaction that follows the timeout that was asked for last, also when it answers the same', async () => {
    const producer = await start(get)
    const { producerId, transactionalId } = producer
    await producer.init({ producerId, producerEpoch: 0, transactionTimeoutMs: 20_000 })
    await producer.init({ producerId, producerEpoch: 0, transactionTimeoutMs: 30_000 })
    expect(producer.producerEpoch).toBe(1)
    const request = { transactionalIds: [transactionalId] }
    const { transactionStates } = await get().transport.send(describeTransactions, request)
    expect(transactionStates).toMatchObject([{ transactionTimeoutMs: 30_000 }])
  })

  it('answers the same when the epoch before is named, because the answer was lost', async () => {
    const producer = await start(get)
    const { producerId } = producer
    await producer.init({ producerId, producerEpoch: 0 })
    await producer.init({ producerId, producerEpoch: 0 })
    expect([producer.producerId, producer.producerEpoch]).toEqual([producerId, 1])
  })
}

/** Whom initProducerId refuses, and what it ends. */
function initRefusals(get: GetHarness): void {
  it.each([-5, 5])('fences a producer whose epoch is off by %d', async (difference) => {
    const producer = await start(get)
    for (let count = 0; count < 7; count++) await producer.init()
    const { producerId, producerEpoch } = producer
    const attempt = producer.init({ producerId, producerEpoch: producerEpoch + difference })
    expect(await refusal(attempt)).toBe(errorNumber('PRODUCER_FENCED'))
  })

  it('fences a producer that names another id', async () => {
    const producer = await start(get)
    const attempt = producer.init({ producerId: producer.producerId + 1_000_000, producerEpoch: 0 })
    expect(await refusal(attempt)).toBe(errorNumber('PRODUCER_FENCED'))
  })

  it('refuses an empty transactional id', async () => {
    expect(await refusal(new TestProducer(get(), '').init())).toBe(errorNumber('INVALID_REQUEST'))
  })

  it.each([
    [-1, 5],
    [5, -1],
  ])('refuses an id and an epoch of which one alone is there: %d and %d', async (producerId, producerEpoch) => {
    const attempt = new TestProducer(get()).init({ producerId, producerEpoch })
    expect(await refusal(attempt)).toBe(errorNumber('INVALID_REQUEST'))
  })

  it.each([0, -1, 900_001])('refuses a timeout of %d ms', async (transactionTimeoutMs) => {
    const attempt = new TestProducer(get()).init({ transactionTimeoutMs })
    expect(await refusal(attempt)).toBe(errorNumber('INVALID_TRANSACTION_TIMEOUT'))
  })

  it('aborts what the one before left open', async () => {
    const topic = await get().topic()
    const first = await start(get)
    await first.send(topic, ['lost'])
    await start(get, first.transactionalId)
    await get().produceEach(topic, 'plain')
    expect(await get().committed(topic)).toEqual(['plain'])
  })

  it('lets the next producer write after it has aborted', async () => {
    const topic = await get().topic()
    const first = await start(get)
    await first.send(topic, ['lost'])
    const second = await start(get, first.transactionalId)
    expect(await second.send(topic, ['kept'])).toMatchObject({ errorCode: noError })
    await second.end(true)
    expect(await get().committed(topic)).toEqual(['kept'])
  })
}

function fencing(get: GetHarness): void {
  it('fences the older when it writes', async () => {
    const topic = await get().topic()
    const older = await start(get)
    await older.send(topic, ['a'])
    await start(get, older.transactionalId)
    expect(await older.send(topic, ['b'])).toMatchObject({ errorCode: errorNumber('INVALID_PRODUCER_EPOCH') })
  })

  it.each([true, false])('fences the older when it ends its transaction (commit: %s)', async (committed) => {
    const topic = await get().topic()
    const older = await start(get)
    await older.send(topic, ['a'])
    await start(get, older.transactionalId)
    await expect(older.askEnd(committed)).rejects.toSatisfy((error) => ProducerFencedError.is(error))
    expect(await get().committed(topic)).toEqual([])
  })

  it('fences the older also in a partition that it had not written to', async () => {
    const topic = await get().topic()
    const older = await start(get)
    await start(get, older.transactionalId)
    expect(await older.send(topic, ['a'])).toMatchObject({ errorCode: errorNumber('INVALID_PRODUCER_EPOCH') })
  })

  it('fences the older when it commits offsets', async () => {
    const [topic, older] = [await get().topic(), await start(get)]
    await start(get, older.transactionalId)
    const attempt = older.commitOffset(get().name('group'), topic, 1)
    expect(await refusal(attempt)).toBe(errorNumber('INVALID_PRODUCER_EPOCH'))
  })

  it('fences the older when it asks for a new epoch', async () => {
    const older = await start(get)
    const { producerId, producerEpoch } = older
    await start(get, older.transactionalId)
    expect(await refusal(older.init({ producerId, producerEpoch }))).toBe(errorNumber('PRODUCER_FENCED'))
  })

  it('lets the newer go on all the same', async () => {
    const topic = await get().topic()
    const older = await start(get)
    const newer = await start(get, older.transactionalId)
    await newer.send(topic, ['a'])
    await older.send(topic, ['b'])
    await older.askEnd(false).catch(() => undefined)
    await newer.end(true)
    expect(await get().committed(topic)).toEqual(['a'])
  })
}

/** The requests that have to come beforehand. */
function announcements(get: GetHarness): void {
  it('needs no more than the produce (KIP-890)', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    expect(await producer.send(topic, ['a'])).toMatchObject({ errorCode: noError, baseOffset: 0 })
  })

  it('can be announced beforehand, as producers of before KIP-890 do', async () => {
    const [topic, producer] = [await get().topic(2), await start(get)]
    const { transactionalId, producerId, producerEpoch } = producer
    const request = { transactionalId, producerId, producerEpoch, topics: [{ topic, partitions: [0, 1] }] }
    const response = await get().transport.send(addPartitionsToTxn, request)
    expect(response.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([noError, noError])
    await producer.send(topic, ['a'])
    await producer.end(true)
    expect(await get().committed(topic)).toEqual(['a'])
  })

  it('announces no partition when one does not exist', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    const { transactionalId, producerId, producerEpoch } = producer
    const request = { transactionalId, producerId, producerEpoch, topics: [{ topic, partitions: [0, 7] }] }
    const response = await get().transport.send(addPartitionsToTxn, request)
    expect(response.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      errorNumber('OPERATION_NOT_ATTEMPTED'),
      errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
    ])
  })
}

/** Who may write in a transaction, and what. */
function writesInTransactions(get: GetHarness): void {
  it('is refused for a producer that the transactional id does not belong to', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    producer.producerId += 1_000_000
    expect(await producer.send(topic, ['a'])).toMatchObject({ errorCode: errorNumber('INVALID_PRODUCER_ID_MAPPING') })
  })

  it('is refused for a transactional id that nobody has', async () => {
    const producer = new TestProducer(get())
    const known = await start(get)
    Object.assign(producer, { producerId: known.producerId, producerEpoch: 0 })
    expect(await producer.send(await get().topic(), ['a'])).toMatchObject({
      errorCode: errorNumber('INVALID_PRODUCER_ID_MAPPING'),
    })
  })

  it('is refused where the request names no transactional id', async () => {
    const [topic, { producerId, producerEpoch }] = [await get().topic(), await start(get)]
    const records = batch([{ value: 'a' }], { isTransactional: true, producerId, producerEpoch, baseSequence: 0 })
    expect(await get().produce(topic, records)).toMatchObject({
      errorCode: errorNumber('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'),
    })
  })

  it('is refused for a batch outside the transaction that the producer has open there', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    const { producerId, producerEpoch } = producer
    const records = batch([{ value: 'b' }], { producerId, producerEpoch, baseSequence: 1 })
    expect(await get().produce(topic, records)).toMatchObject({ errorCode: errorNumber('INVALID_TXN_STATE') })
  })

  it.each([true, false])(
    'is refused for a batch of a newer epoch outside it, which anybody can write: the end still counts, committed %s',
    async (committed) => {
      const [topic, producer] = [await get().topic(), await start(get)]
      await producer.send(topic, ['a'])
      const { producerId, producerEpoch } = producer
      const forged = batch([{ value: 'b' }], { producerId, producerEpoch: producerEpoch + 1, baseSequence: 0 })
      expect(await get().produce(topic, forged)).toMatchObject({ errorCode: errorNumber('INVALID_TXN_STATE') })
      await producer.end(committed)
      const visible = committed ? ['a'] : []
      expect(await get().committed(topic)).toEqual(visible)
      await producer.send(topic, ['c'])
      await producer.end(true)
      expect(await get().committed(topic)).toEqual([...visible, 'c'])
    },
  )
}

/** The numbers of batches in a transaction. */
function sequencesInTransactions(get: GetHarness): void {
  it('append a batch that comes twice once', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    const { transactionalId, producerId, producerEpoch } = producer
    const records = batch([{ value: 'a' }], { isTransactional: true, producerId, producerEpoch, baseSequence: 0 })
    const first = await get().produce(topic, records, 0, -1, transactionalId)
    expect(await get().produce(topic, records, 0, -1, transactionalId)).toMatchObject({
      errorCode: noError,
      baseOffset: first.baseOffset,
    })
    await producer.end(true)
    expect(await get().committed(topic)).toEqual(['a'])
  })

  it('are refused after a gap', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    const { transactionalId, producerId, producerEpoch } = producer
    const records = batch([{ value: 'c' }], { isTransactional: true, producerId, producerEpoch, baseSequence: 5 })
    expect(await get().produce(topic, records, 0, -1, transactionalId)).toMatchObject({
      errorCode: errorNumber('OUT_OF_ORDER_SEQUENCE_NUMBER'),
    })
  })
}
