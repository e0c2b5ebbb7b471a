import { fetch } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { errorNumber, type GetHarness, noError } from '../harness/harness.ts'
import { refusal } from '../harness/test-member.ts'
import { TestProducer } from '../harness/test-producer.ts'

const start = (get: GetHarness) => new TestProducer(get()).init()

/**
 * How transactions end, and the answers to repeated or late requests. Facts from KIP-890 and
 * TransactionCoordinatorTest.
 */
export function transactionEndCases(get: GetHarness): void {
  describe('endTxn', () => {
    endings(get)
    endingsWithoutTransaction(get)
  })
}

function endings(get: GetHarness): void {
  it.each([true, false])('gives the producer the next epoch (commit: %s)', async (committed) => {
    const [topic, producer] = [await get().topic(), await start(get)]
    const { producerId } = producer
    await producer.send(topic, ['a'])
    expect(await producer.end(committed)).toMatchObject({ producerId, producerEpoch: 1 })
  })

  it('lets sequences begin anew at the next epoch', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    await producer.end(true)
    expect(await producer.send(topic, ['b'])).toMatchObject({ errorCode: noError })
  })

  it.each([true, false])('answers the same when it is asked again (commit: %s)', async (committed) => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    const first = await producer.askEnd(committed)
    expect(await producer.askEnd(committed)).toEqual(first)
    expect((await get().offsetFor(topic, -1)).offset).toBe(2)
  })

  it.each([true, false])('does not take the decision back (commit: %s)', async (committed) => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    await producer.askEnd(committed)
    expect(await refusal(producer.askEnd(!committed))).toBe(errorNumber('INVALID_TXN_STATE'))
    await producer.init()
    expect(await get().committed(topic)).toEqual(committed ? ['a'] : [])
  })

  it('refuses what comes late from the epoch that has ended', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    await producer.askEnd(true)
    await producer.ended()
    expect(await producer.send(topic, ['late'])).toMatchObject({ errorCode: errorNumber('INVALID_PRODUCER_EPOCH') })
    expect(await get().committed(topic)).toEqual(['a'])
  })
}

/** Requests without a transaction to end, or without the right to end it. */
function endingsWithoutTransaction(get: GetHarness): void {
  it('cannot commit without a transaction', async () => {
    expect(await refusal((await start(get)).askEnd(true))).toBe(errorNumber('INVALID_TXN_STATE'))
  })

  it('aborts without a transaction too, and the producer is not fenced by that (KIP-890)', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    const { producerId } = producer
    expect(await producer.end(false)).toMatchObject({ producerId, producerEpoch: 1 })
    expect(await producer.end(false)).toMatchObject({ producerId, producerEpoch: 2 })
    expect(await producer.send(topic, ['a'])).toMatchObject({ errorCode: noError })
    await producer.end(true)
    expect(await get().committed(topic)).toEqual(['a'])
  })

  it('answers the same when an abort without a transaction is asked again', async () => {
    const producer = await start(get)
    const first = await producer.askEnd(false)
    expect(await producer.askEnd(false)).toEqual(first)
  })

  it('refuses an epoch that was never given', async () => {
    const producer = await start(get)
    producer.producerEpoch = 9
    expect(await refusal(producer.askEnd(false))).toBe(errorNumber('PRODUCER_FENCED'))
  })

  it('refuses a transactional id that nobody has', async () => {
    const producer = new TestProducer(get())
    Object.assign(producer, { producerId: 1, producerEpoch: 0 })
    expect(await refusal(producer.askEnd(true))).toBe(errorNumber('INVALID_PRODUCER_ID_MAPPING'))
  })

  it('raises the epoch once when a transaction is aborted by initProducerId (KAFKA-19367)', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    const { producerId, producerEpoch } = producer
    await producer.init({ producerId, producerEpoch })
    expect(producer.producerEpoch).toBe(1)
  })

  it('wakes a reader of committed records that waits for more than the marker', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['x'.repeat(3000)])
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
    const request = { maxWaitMs: 20_000, minBytes: 2000, maxBytes: 1_000_000, topics: [{ topic, partitions }] }
    const waiting = get().transport.send(fetch, { ...request, isolationLevel: 'read_committed' })
    await producer.end(true)
    expect((await waiting).topics[0]?.partitions[0]?.records.length).toBeGreaterThan(3000)
  })
}
