import { deleteTopics } from '@kafkado/core'
import { recordBatchesIn } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import type { GetHarness } from '../harness/harness.ts'
import { TestProducer } from '../harness/test-producer.ts'

const start = (get: GetHarness) => new TestProducer(get()).init()

/** Old records and today's markers would go to different segments, and a fetch reads from only one. */
const oneSegment = (get: GetHarness) => get().topic(1, { 'segment.ms': '9000000000000' })

const committed = { isolationLevel: 'read_committed' } as const

/**
 * What readers see of transactions: last stable offset, aborted ranges, markers. Facts from KIP-98 and Kafka's log
 * tests.
 */
export function isolationCases(get: GetHarness): void {
  describe('isolation', () => {
    committedRecords(get)
    stableOffsets(get)
    abortedTransactions(get)
    mixedTransactions(get)
    markers(get)
  })
}

/** The records for readers of committed records. */
function committedRecords(get: GetHarness): void {
  it('shows uncommitted records only to those who want them', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    expect(await get().committed(topic)).toEqual([])
    expect(await get().values(topic)).toEqual(['a'])
  })

  it('shows a committed transaction in all its partitions at once', async () => {
    const [topic, producer] = [await get().topic(3), await start(get)]
    for (const partition of [0, 1, 2]) await producer.send(topic, [`value ${partition}`], partition)
    await producer.end(true)
    for (const partition of [0, 1, 2])
      expect(await get().committed(topic, 0, partition)).toEqual([`value ${partition}`])
  })

  it('never shows aborted records to readers of committed ones', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    await producer.end(false)
    await producer.send(topic, ['b'])
    await producer.end(true)
    expect(await get().committed(topic)).toEqual(['b'])
  })

  it('holds the last stable offset at the first open transaction', async () => {
    const [topic, first, second] = [await get().topic(), await start(get), await start(get)]
    await get().produceEach(topic, 'plain')
    await first.send(topic, ['a'])
    await second.send(topic, ['b'])
    expect(await get().fetch(topic, 0, committed)).toMatchObject({ lastStableOffset: 1, highWatermark: 3 })
    await second.end(true)
    expect(await get().fetch(topic, 0, committed)).toMatchObject({ lastStableOffset: 1, highWatermark: 4 })
    await first.end(true)
    expect(await get().fetch(topic, 0, committed)).toMatchObject({ lastStableOffset: 5, highWatermark: 5 })
  })
}

/** Up to which offset they see records. */
function stableOffsets(get: GetHarness): void {
  it('holds back plain records behind an open transaction', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    await get().produceEach(topic, 'plain')
    expect(await get().committed(topic)).toEqual([])
    await producer.end(false)
    expect(await get().committed(topic)).toEqual(['plain'])
  })

  it('gives no record where the reader has come to the last stable offset', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    expect((await get().fetch(topic, 0, committed)).records).toHaveLength(0)
  })

  it('answers listOffsets with the last stable offset', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await get().produceEach(topic, 'plain')
    await producer.send(topic, ['a'])
    expect((await get().offsetFor(topic, -1, 0, 'read_committed')).offset).toBe(1)
    expect((await get().offsetFor(topic, -1)).offset).toBe(2)
    await producer.end(true)
    expect((await get().offsetFor(topic, -1, 0, 'read_committed')).offset).toBe(3)
  })

  it('finds no record by time beyond the last stable offset', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    expect((await get().offsetFor(topic, 0, 0, 'read_committed')).offset).toBe(-1)
    expect((await get().offsetFor(topic, 0)).offset).toBe(0)
  })
}

/** What they are told of aborted transactions. */
function abortedTransactions(get: GetHarness): void {
  it('lists the aborted transactions that reach into what is fetched', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    const { producerId } = producer
    await get().produceEach(topic, 'plain')
    await producer.send(topic, ['a'])
    await producer.end(false)
    expect((await get().fetch(topic, 0, committed)).abortedTransactions).toEqual([{ producerId, firstOffset: 1 }])
    expect((await get().fetch(topic, 0)).abortedTransactions).toBeNull()
  })

  it('lists none that ended before what is fetched', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    await producer.end(false)
    await get().produceEach(topic, 'plain')
    expect((await get().fetch(topic, 2, committed)).abortedTransactions).toEqual([])
  })

  it('lists no committed transaction', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    await producer.send(topic, ['a'])
    await producer.end(true)
    expect((await get().fetch(topic, 0, committed)).abortedTransactions).toEqual([])
  })
}

/** How they tell aborted transactions from committed ones. */
function mixedTransactions(get: GetHarness): void {
  it('tells two aborted transactions of one producer in one fetch from what was committed between', async () => {
    const [topic, producer] = [await oneSegment(get), await start(get)]
    for (const [value, isCommitted] of [
      ['a', false],
      ['b', true],
      ['c', false],
      ['d', true],
    ] as const) {
      await producer.send(topic, [value])
      await producer.end(isCommitted)
    }
    const fetched = await get().fetch(topic, 0, committed)
    expect(fetched.abortedTransactions?.map(({ firstOffset }) => firstOffset).sort()).toEqual([0, 4])
    expect(await get().committed(topic)).toEqual(['b', 'd'])
  })

  it('lists an aborted transaction whose marker lies beyond the response', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    for (const letter of ['a', 'b', 'c']) await producer.send(topic, [letter.repeat(1000)])
    await producer.end(false)
    const fetched = await get().fetch(topic, 0, { ...committed, partitionMaxBytes: 1500 })
    expect([...recordBatchesIn(fetched.records)]).toHaveLength(1)
    expect(fetched.abortedTransactions).toMatchObject([{ firstOffset: 0 }])
    expect(await get().committed(topic, 0, 0, 1500)).toEqual([])
  })

  it('lists an aborted transaction to a reader who begins in the middle of it', async () => {
    const [topic, producer] = [await get().topic(), await start(get)]
    for (const value of ['a', 'b', 'c']) await producer.send(topic, [value])
    await producer.end(false)
    expect((await get().fetch(topic, 2, committed)).abortedTransactions).toMatchObject([{ firstOffset: 0 }])
    expect(await get().committed(topic, 2)).toEqual([])
  })

  it('keeps transactions of two producers in one partition apart', async () => {
    const [topic, kept, dropped] = [await get().topic(), await start(get), await start(get)]
    await kept.send(topic, ['a'])
    await dropped.send(topic, ['b'])
    await kept.send(topic, ['c'])
    await dropped.end(false)
    await kept.end(true)
    expect(await get().committed(topic)).toEqual(['a', 'c'])
  })
}

/** The markers at the end of a transaction. */
function markers(get: GetHarness): void {
  it('writes one control record a partition, which takes an offset', async () => {
    const [topic, producer] = [await oneSegment(get), await start(get)]
    await producer.send(topic, ['a', 'b'])
    await producer.end(true)
    const { records, highWatermark } = await get().fetch(topic, 0)
    const headers = [...recordBatchesIn(records)].map(({ header }) => header)
    expect(highWatermark).toBe(3)
    expect(headers.map(({ isControl }) => isControl)).toEqual([false, true])
    expect(headers[1]).toMatchObject({ isTransactional: true, recordsCount: 1, baseOffset: 2, baseSequence: -1 })
  })

  it('writes the marker with the epoch after that of the transaction (KIP-890)', async () => {
    const [topic, producer] = [await oneSegment(get), await start(get)]
    await producer.send(topic, ['a'])
    await producer.end(true)
    const epochs = [...recordBatchesIn((await get().fetch(topic, 0)).records)].map(({ header }) => header.producerEpoch)
    expect(epochs).toEqual([0, 1])
  })

  it('ends a transaction although one of its topics is gone', async () => {
    const [kept, gone, producer] = [await get().topic(), await get().topic(), await start(get)]
    await producer.send(kept, ['a'])
    await producer.send(gone, ['b'])
    await get().transport.send(deleteTopics, { timeoutMs: 30_000, topics: [gone] })
    await producer.end(true)
    expect(await get().committed(kept)).toEqual(['a'])
  })
}
