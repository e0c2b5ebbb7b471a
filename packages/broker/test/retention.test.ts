import type { Storage, StorageChanges } from '@kafkado/broker/storage'
import { codeOf, incrementalAlterConfigs } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { batch, readAll, startTime } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'
import { PoisoningStorage } from './poisoning-storage.ts'

describe('retention', () => {
  let engine: EngineUnderTest
  beforeEach(() => {
    engine = new EngineUnderTest()
  })
  afterEach(() => engine.transport.close())

  const write = async (topic: string, value: string, timestamp: number) =>
    engine.harness.produce(topic, batch([{ value, timestamp }]))

  const earliest = async (topic: string) =>
    (await engine.harness.offsetFor(topic, listOffsetsTimestamp.earliest)).offset

  it('deletes by time, batch by batch, and what lies before is out of range', async () => {
    const topic = await engine.harness.topic(1, { 'retention.ms': '60000' })
    for (let second = 0; second < 60; second += 10) await write(topic, `${second}`, startTime + second * 1000)
    await engine.clock.advanceAsync(60_000)
    expect(await earliest(topic)).toBe(0)
    await engine.clock.advanceAsync(60_000)
    expect(await earliest(topic)).toBe(6)
    expect(await engine.harness.fetch(topic, 0)).toMatchObject({
      errorCode: codeOf('OFFSET_OUT_OF_RANGE'),
      logStartOffset: 6,
      highWatermark: 6,
    })
    await write(topic, 'new', startTime + 120_000)
    expect(await engine.harness.values(topic, 6)).toEqual(['new'])
  })

  it('stops at the first batch that is young enough, also when older ones come after it', async () => {
    const topic = await engine.harness.topic(1, { 'retention.ms': '60000' })
    await write(topic, 'old', startTime)
    await write(topic, 'young', startTime + 120_000)
    await write(topic, 'old again', startTime)
    await engine.clock.advanceAsync('2m')
    expect(await earliest(topic)).toBe(1)
    expect(await engine.harness.values(topic, 1)).toEqual(['young', 'old again'])
  })

  it('deletes by size and keeps at least so much', async () => {
    const size = batch([{ value: 'x'.repeat(1000) }]).length
    const topic = await engine.harness.topic(1, { 'retention.bytes': String(size * 3 + 1) })
    for (let count = 0; count < 200; count++) await write(topic, 'x'.repeat(1000), startTime)
    await engine.clock.advanceAsync('1m')
    expect(await earliest(topic)).toBe(196)
  })

  it('knows the size of a log after a restart, and after deletions before it', async () => {
    const size = batch([{ value: 'x'.repeat(1000) }]).length
    const topic = await engine.harness.topic(1, { 'retention.bytes': String(size * 150) })
    for (let count = 0; count < 200; count++) await write(topic, 'x'.repeat(1000), startTime)
    await engine.clock.advanceAsync('1m')
    expect(await earliest(topic)).toBe(50)
    await engine.restart()
    for (let count = 0; count < 10; count++) await write(topic, 'x'.repeat(1000), startTime)
    await engine.clock.advanceAsync('1m')
    expect(await earliest(topic)).toBe(60)
  })

  it('deletes by size what compaction has left, counted as it is now', async () => {
    const size = batch([{ key: 'k', value: 'x'.repeat(1000) }]).length
    const topic = await engine.harness.topic(1, {
      'cleanup.policy': 'compact,delete',
      'retention.bytes': String(size * 4 + 1),
    })
    const put = (key: string) =>
      engine.harness.produce(topic, batch([{ key, value: 'x'.repeat(1000), timestamp: startTime }]))
    for (const key of ['b', 'b', 'c', 'c']) await put(key)
    await engine.clock.advanceAsync('1m')
    const left = async () =>
      (await engine.harness.fetch(topic, await earliest(topic), { partitionMaxBytes: 1_000_000 })).records
    // The last batch is never cleaned, and neither is the one it replaces.
    expect((await readAll(await left())).map(({ offset }) => offset)).toEqual([1, 2, 3])
    await engine.restart()
    for (const key of ['d', 'e', 'f', 'g', 'h']) await put(key)
    await engine.clock.advanceAsync('1m')
    expect((await readAll(await left())).map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8])
  })

  it('keeps what an open transaction has written', async () => {
    const topic = await engine.harness.topic(1, { 'retention.bytes': '0' })
    await write(topic, 'plain', startTime)
    const producer = await engine.producer()
    await producer.send(topic, ['a'])
    await engine.clock.advanceAsync('59s')
    await producer.send(topic, ['b'])
    await engine.clock.advanceAsync('1s')
    expect(await earliest(topic)).toBe(1)
  })

  it('keeps everything where the topic says so, and follows a change of configuration', async () => {
    const topic = await engine.harness.topic(1, { 'retention.ms': '-1' })
    await write(topic, 'a', 0)
    await engine.clock.advanceAsync('30d')
    expect(await earliest(topic)).toBe(0)
    const configs = [{ name: 'retention.ms', configOperation: 'set' as const, value: '1000' }]
    const resources = [{ resourceType: 'topic' as const, resourceName: topic, configs }]
    await engine.transport.send(incrementalAlterConfigs, { validateOnly: false, resources })
    await engine.clock.advanceAsync('1m')
    expect(await earliest(topic)).toBe(1)
  })

  it('keeps 7 days by default', async () => {
    const topic = await engine.harness.topic()
    await write(topic, 'a', startTime)
    await engine.clock.advanceAsync('7d')
    expect(await earliest(topic)).toBe(0)
    await engine.clock.advanceAsync('1m')
    expect(await earliest(topic)).toBe(1)
  })

  it('never gives an offset twice, also when nothing is left at a restart', async () => {
    const topic = await engine.harness.topic(1, { 'retention.bytes': '0' })
    await write(topic, 'a', startTime)
    await engine.clock.advanceAsync('1m')
    await engine.restart()
    expect(await write(topic, 'b', startTime)).toMatchObject({ baseOffset: 1 })
  })

  it('lists no aborted transaction that lies before the start', async () => {
    const topic = await engine.harness.topic(1, { 'retention.bytes': '0' })
    const producer = await engine.producer()
    await producer.send(topic, ['a'])
    await producer.end(false)
    await engine.clock.advanceAsync('1m')
    await engine.restart()
    await write(topic, 'b', startTime)
    const fetched = await engine.harness.fetch(topic, 2, { isolationLevel: 'read_committed' })
    expect(fetched.abortedTransactions).toEqual([])
    expect(await engine.harness.committed(topic, 2)).toEqual(['b'])
  })
})

/** Counts its reads. */
class CountingStorage extends PoisoningStorage {
  readonly counts = { commits: 0, reads: 0 }

  override commit(changes: StorageChanges): Promise<void> {
    this.counts.commits++
    return super.commit(changes)
  }

  override readBatches(...range: Parameters<Storage['readBatches']>): Uint8Array {
    this.counts.reads++
    return super.readBatches(...range)
  }
}

describe('retention of many partitions', () => {
  const partitions = 150
  let [storage, engine, topic] = [new CountingStorage(), undefined as unknown as EngineUnderTest, '']
  beforeEach(async () => {
    storage = new CountingStorage()
    engine = new EngineUnderTest({}, storage)
    topic = await engine.harness.topic(partitions, { 'retention.ms': '150000' })
    for (let partition = 0; partition < partitions; partition++)
      await engine.harness.produce(topic, batch([{ value: 'old', timestamp: startTime }]), partition)
  })
  afterEach(() => engine.transport.close())

  it('reads nothing of those whose oldest records are young still', async () => {
    await engine.clock.advanceAsync('1m')
    const { reads } = storage.counts
    await engine.clock.advanceAsync('1m')
    expect(storage.counts.reads).toBe(reads)
  })

  it('makes many begin later by few units', async () => {
    await engine.clock.advanceAsync('2m')
    const { commits } = storage.counts
    await engine.clock.advanceAsync('1m')
    for (let partition = 0; partition < partitions; partition++)
      expect(await engine.harness.fetch(topic, 0, { partition })).toMatchObject({ logStartOffset: 1 })
    expect(storage.readBatches(1, 0, 1, 1000, true).length).toBe(0)
    expect(storage.counts.commits - commits).toBeLessThan(10)
  })
})
