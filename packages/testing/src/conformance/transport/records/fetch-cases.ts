import { deleteRecords, fetch } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { recordBatchesIn } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { batch, errorNumber, type GetHarness, noError, readAll, startTime } from '../harness/harness.ts'

const batches = (records: Uint8Array): number => [...recordBatchesIn(records)].length

const timed = async (get: GetHarness, ...minutes: number[]): Promise<string> => {
  const topic = await get().topic()
  for (const minute of minutes)
    await get().produce(topic, batch([{ value: 'x', timestamp: startTime + minute * 60_000 }]))
  return topic
}

const remove = async (get: GetHarness, topic: string, offset: number, partition = 0) => {
  const topics = [{ topic, partitions: [{ partition, offset }] }]
  return (await get().transport.send(deleteRecords, { timeoutMs: 30_000, topics })).topics[0]?.partitions[0]
}

/** fetch, listOffsets, deleteRecords. */
export function fetchCases(get: GetHarness): void {
  describe('fetch', () => {
    fetchedRecords(get)
    waitingFetches(get)
    fetchLimits(get)
  })
  describe('listOffsets', () => {
    offsetLookUps(get)
    oddOffsetLookUps(get)
  })
  describe('deleteRecords', () => recordDeletions(get))
}

/** The records of a fetch, and its refusals. */
function fetchedRecords(get: GetHarness): void {
  it('gives keys, values, timestamps and offsets back', async () => {
    const topic = await get().topic()
    await get().produce(
      topic,
      batch([
        { key: 'k', value: 'v' },
        { key: null, value: null, timestamp: startTime + 7 },
      ]),
    )
    expect(await readAll((await get().fetch(topic, 0)).records)).toEqual([
      { offset: 0, timestamp: startTime, key: 'k', value: 'v' },
      { offset: 1, timestamp: startTime + 7, key: null, value: null },
    ])
  })

  it('says where the log begins and ends', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'a', 'b')
    expect(await get().fetch(topic, 0)).toMatchObject({
      errorCode: noError,
      highWatermark: 2,
      lastStableOffset: 2,
      logStartOffset: 0,
      abortedTransactions: null,
    })
  })

  it('begins with the batch that holds the offset, whole', async () => {
    const topic = await get().topic()
    await get().produce(topic, batch([{ value: 'a' }, { value: 'b' }, { value: 'c' }]))
    const { records } = await get().fetch(topic, 2)
    expect((await readAll(records)).map(({ value }) => value)).toEqual(['a', 'b', 'c'])
    expect(await get().values(topic, 2)).toEqual(['c'])
  })

  it('answers at once with nothing at the end when it need not wait', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'a')
    expect(await get().fetch(topic, 1)).toMatchObject({ errorCode: noError, highWatermark: 1 })
    expect((await get().fetch(topic, 1)).records).toHaveLength(0)
  })

  it.each([-1, 2, 99])('refuses the offset %d of a log from 0 to 1, and says where it lies', async (offset) => {
    const topic = await get().topic()
    await get().produceEach(topic, 'a')
    const answer = await get().fetch(topic, offset)
    expect(answer).toMatchObject({ errorCode: errorNumber('OFFSET_OUT_OF_RANGE') })
    expect(answer.records).toHaveLength(0)
  })

  it('answers for a topic and for a partition that do not exist', async () => {
    const topic = await get().topic()
    expect(await get().fetch(get().name(), 0)).toMatchObject({ errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') })
    expect(await get().fetch(topic, 0, { partition: 5 })).toMatchObject({
      errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
    })
  })
}

/** How long a fetch waits. */
function waitingFetches(get: GetHarness): void {
  it('waits for records and wakes when they come', async () => {
    const topic = await get().topic()
    const waiting = get().values(topic, 0, { maxWaitMs: 20_000 })
    await get().produceEach(topic, 'late')
    expect(await waiting).toEqual(['late'])
  })

  it('waits until there are minBytes', async () => {
    const topic = await get().topic()
    const first = batch([{ value: 'x'.repeat(100) }])
    const waiting = get().values(topic, 0, { maxWaitMs: 20_000, minBytes: first.length + 1 })
    await get().produce(topic, first)
    await get().produce(topic, batch([{ value: 'y' }]))
    expect(await waiting).toEqual(['x'.repeat(100), 'y'])
  })

  it('waits no longer than maxWaitMs', async () => {
    const topic = await get().topic()
    expect(await get().values(topic, 0, { maxWaitMs: 20 })).toEqual([])
  })

  it('does not wait when a partition has an error', async () => {
    const topic = await get().topic()
    const partitions = [0, 9].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1000 }))
    const request = {
      maxWaitMs: 20_000,
      minBytes: 1,
      maxBytes: 1000,
      isolationLevel: 'read_uncommitted' as const,
      topics: [{ topic, partitions }],
    }
    const response = await get().transport.send(fetch, request)
    expect(response.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      noError,
      errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
    ])
  })

  it('stops waiting when it is aborted', async () => {
    const topic = await get().topic()
    const controller = new AbortController()
    const waiting = get().fetch(topic, 0, { maxWaitMs: 20_000, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
}

/** How much a fetch returns. */
function fetchLimits(get: GetHarness): void {
  it('gives the first batch even when it is larger than every limit', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'x'.repeat(5000), 'y')
    const { records } = await get().fetch(topic, 0, { maxBytes: 10, partitionMaxBytes: 10 })
    expect(batches(records)).toBe(1)
  })

  it('keeps to partitionMaxBytes after the first batch', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'x'.repeat(400), 'y'.repeat(400), 'z'.repeat(400))
    const { records } = await get().fetch(topic, 0, { partitionMaxBytes: 1100 })
    expect(batches(records)).toBeLessThanOrEqual(3)
    expect((await readAll(records)).map(({ value }) => value?.[0]).slice(0, 2)).toEqual(['x', 'y'])
    expect(records.length).toBeLessThanOrEqual(1100)
  })

  it('keeps to maxBytes over all partitions', async () => {
    const topic = await get().topic(3)
    for (const partition of [0, 1, 2]) await get().produce(topic, batch([{ value: 'x'.repeat(1000) }]), partition)
    const partitions = [0, 1, 2].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 100_000 }))
    const request = {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1500,
      isolationLevel: 'read_uncommitted' as const,
      topics: [{ topic, partitions }],
    }
    const response = await get().transport.send(fetch, request)
    const bytes = response.topics[0]?.partitions.reduce((sum, { records }) => sum + records.length, 0) ?? 0
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(1500)
  })

  it('reads committed records to the last stable offset', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'a', 'b')
    expect(await get().values(topic, 0, { isolationLevel: 'read_committed' })).toEqual(['a', 'b'])
  })
}

/** Offsets found by time. */
function offsetLookUps(get: GetHarness): void {
  it('names the start and the end', async () => {
    const topic = await timed(get, 0, 1, 2)
    expect(await get().offsetFor(topic, listOffsetsTimestamp.earliest)).toMatchObject({
      errorCode: noError,
      offset: 0,
    })
    expect(await get().offsetFor(topic, listOffsetsTimestamp.latest)).toMatchObject({ errorCode: noError, offset: 3 })
  })

  it('names 0 for both in an empty log', async () => {
    const topic = await timed(get)
    expect(await get().offsetFor(topic, listOffsetsTimestamp.earliest)).toMatchObject({ offset: 0 })
    expect(await get().offsetFor(topic, listOffsetsTimestamp.latest)).toMatchObject({ offset: 0 })
  })

  it.each([
    [-5, 0],
    [0, 0],
    [0.5, 1],
    [1, 1],
    [2, 2],
  ])('finds the first record of at least minute %d', async (minute, offset) => {
    const topic = await timed(get, 0, 1, 2)
    const found = await get().offsetFor(topic, startTime + minute * 60_000)
    expect(found).toMatchObject({ errorCode: noError, offset, timestamp: startTime + offset * 60_000 })
  })

  it('finds nothing beyond the youngest record', async () => {
    expect(await get().offsetFor(await timed(get, 0, 1), startTime + 120_000)).toMatchObject({
      errorCode: noError,
      offset: -1,
      timestamp: -1,
    })
  })
}

/** Look-ups in logs without order or without records. */
function oddOffsetLookUps(get: GetHarness): void {
  it('finds a record inside a batch, and the first where timestamps go back', async () => {
    const topic = await get().topic()
    await get().produce(
      topic,
      batch([5, 1, 9, 2].map((minute) => ({ value: 'x', timestamp: startTime + minute * 60_000 }))),
    )
    expect(await get().offsetFor(topic, startTime + 6 * 60_000)).toMatchObject({ offset: 2 })
    expect(await get().offsetFor(topic, startTime + 60_000)).toMatchObject({ offset: 0 })
  })

  it('finds the record with the greatest timestamp', async () => {
    const topic = await timed(get, 0, 9, 2)
    expect(await get().offsetFor(topic, listOffsetsTimestamp.maxTimestamp)).toMatchObject({
      offset: 1,
      timestamp: startTime + 9 * 60_000,
    })
  })

  it('answers for what does not exist', async () => {
    expect(await get().offsetFor(get().name(), -1)).toMatchObject({
      errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
      offset: -1,
    })
    expect(await get().offsetFor(await timed(get), -1, 4)).toMatchObject({
      errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'),
    })
  })
}

function recordDeletions(get: GetHarness): void {
  it('moves the start of the log, so that what lies before is out of range', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'a', 'b', 'c')
    expect(await remove(get, topic, 2)).toMatchObject({ errorCode: noError, lowWatermark: 2 })
    expect(await get().offsetFor(topic, listOffsetsTimestamp.earliest)).toMatchObject({ offset: 2 })
    expect(await get().fetch(topic, 1)).toMatchObject({ errorCode: errorNumber('OFFSET_OUT_OF_RANGE') })
    expect(await get().values(topic, 2)).toEqual(['c'])
  })

  it('can end in the middle of a batch, of which a look-up by time finds only what is left', async () => {
    const topic = await get().topic()
    const records = [0, 1, 2].map((second) => ({ value: `${second}`, timestamp: startTime + second * 1000 }))
    await get().produce(topic, batch(records))
    expect(await remove(get, topic, 1)).toMatchObject({ errorCode: noError, lowWatermark: 1 })
    expect(await get().offsetFor(topic, startTime)).toMatchObject({ offset: 1, timestamp: startTime + 1000 })
    expect(await get().offsetFor(topic, startTime + 2000)).toMatchObject({ offset: 2 })
  })

  it('removes all with -1, and offsets go on', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'a', 'b')
    expect(await remove(get, topic, -1)).toMatchObject({ errorCode: noError, lowWatermark: 2 })
    expect(await get().produce(topic, batch([{ value: 'c' }]))).toMatchObject({ baseOffset: 2, logStartOffset: 2 })
  })

  it('cannot go beyond the end, and does nothing before the start', async () => {
    const topic = await get().topic()
    await get().produceEach(topic, 'a', 'b')
    expect(await remove(get, topic, 3)).toMatchObject({
      errorCode: errorNumber('OFFSET_OUT_OF_RANGE'),
      lowWatermark: -1,
    })
    await remove(get, topic, 1)
    expect(await remove(get, topic, 0)).toMatchObject({ errorCode: noError, lowWatermark: 1 })
  })

  it('answers for what does not exist', async () => {
    expect(await remove(get, get().name(), 0)).toMatchObject({ errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION') })
  })
}
