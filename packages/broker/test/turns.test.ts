import { MemoryStorage } from '@kafkado/broker/storage'
import { deleteRecords, deleteTopics, incrementalAlterConfigs } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { batch, readAll, startTime } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sliceBytes } from '../src/log/log-scan.ts'
import { EngineUnderTest } from './engine-under-test.ts'

const day = 86_400_000

/** Counts its reads, and reports when housekeeping is done. */
class CountingStorage extends MemoryStorage {
  readBytes = 0
  rounds = 0

  override readBatches(...given: Parameters<MemoryStorage['readBatches']>): Uint8Array {
    const bytes = super.readBatches(...given)
    this.readBytes += bytes.length
    return bytes
  }

  override async reclaim(): Promise<void> {
    this.rounds++
  }
}

describe('while a log of many megabytes is gone through, others have their turn after each slice:', () => {
  let storage: CountingStorage
  let engine: EngineUnderTest
  beforeEach(() => {
    storage = new CountingStorage()
    engine = new EngineUnderTest({}, storage)
  })
  afterEach(() => engine.transport.close())

  const count = 1600
  const value = 'x'.repeat(10_000)
  /** 16 MB, most of it replaced later. */
  const fill = async (topic: string): Promise<void> => {
    for (let index = 0; index < count; index++)
      await engine.harness.produce(topic, batch([{ key: `k${index % 500}`, value, timestamp: startTime }]))
  }

  /** How much is read in all, and in the longest stretch without a turn of the event loop. */
  const stretches = async (work: () => Promise<unknown>): Promise<{ total: number; longest: number }> => {
    let [total, longest, isDone] = [0, 0, false]
    storage.readBytes = 0
    const turn = (): void => {
      total += storage.readBytes
      longest = Math.max(longest, storage.readBytes)
      storage.readBytes = 0
      if (!isDone) setImmediate(turn)
    }
    setImmediate(turn)
    await work()
    isDone = true
    turn()
    return { total, longest }
  }

  const housekeeping = async (): Promise<void> => {
    const { rounds } = storage
    engine.clock.advance('1m')
    while (storage.rounds === rounds) await new Promise((next) => setImmediate(next))
  }

  const expectSlices = async (atLeastBytes: number, work: () => Promise<unknown>): Promise<void> => {
    const { total, longest } = await stretches(work)
    expect(total).toBeGreaterThan(atLeastBytes)
    expect(longest).toBeLessThanOrEqual(2 * sliceBytes)
  }

  const alter = (topic: string, name: string, configValue: string) =>
    engine.transport.send(incrementalAlterConfigs, {
      validateOnly: false,
      resources: [
        { resourceType: 'topic', resourceName: topic, configs: [{ name, configOperation: 'set', value: configValue }] },
      ],
    })

  const earliest = async (topic: string) =>
    (await engine.harness.offsetFor(topic, listOffsetsTimestamp.earliest)).offset

  const firstOf = async (topic: string) =>
    (await readAll((await engine.harness.fetch(topic, 0, { partitionMaxBytes: 1 })).records))[0]

  const compacted = { 'cleanup.policy': 'compact,delete', 'retention.ms': '-1', 'min.cleanable.dirty.ratio': '0' }

  it('compaction, and retention by size of what it has left', async () => {
    const topic = await engine.harness.topic(1, compacted)
    await fill(topic)
    // Once to find the cleanable part, once for the keys, once for the rest of each batch.
    await expectSlices(45_000_000, housekeeping)
    const first = await firstOf(topic)
    expect(first?.offset).toBe(count - 501)
    await alter(topic, 'retention.bytes', '200000')
    // Once for the new start of the log, once for the removed bytes.
    await expectSlices(9_000_000, housekeeping)
    expect(await earliest(topic)).toBeGreaterThan(count - 25)
  })

  it('deletion of what compaction has left', async () => {
    const topic = await engine.harness.topic(1, compacted)
    await fill(topic)
    await housekeeping()
    const request = { timeoutMs: 1000, topics: [{ topic, partitions: [{ partition: 0, offset: count - 50 }] }] }
    await expectSlices(4_400_000, () => engine.transport.send(deleteRecords, request))
    expect(await earliest(topic)).toBe(count - 50)
  })

  it('retention by time and look-ups by time, where the index does not tell because a record was far in the future', async () => {
    const topic = await engine.harness.topic(1, {
      'retention.ms': '-1',
      'message.timestamp.after.max.ms': String(1000 * day),
    })
    await engine.harness.produce(topic, batch([{ value, timestamp: startTime + 900 * day }]))
    await fill(topic)
    await engine.transport.send(deleteRecords, {
      timeoutMs: 1000,
      topics: [{ topic, partitions: [{ partition: 0, offset: 1 }] }],
    })
    await expectSlices(15_000_000, async () =>
      expect((await engine.harness.offsetFor(topic, startTime + day)).offset).toBe(-1),
    )
    await expectSlices(30_000_000, async () =>
      expect((await engine.harness.offsetFor(topic, listOffsetsTimestamp.maxTimestamp)).offset).toBe(1),
    )
    await alter(topic, 'retention.ms', String(day))
    engine.clock.advance(2 * day)
    await expectSlices(15_000_000, housekeeping)
    expect(await earliest(topic)).toBe(count + 1)
  })

  it('batches that are longer when they are unpacked', async () => {
    const topic = await engine.harness.topic(1, compacted)
    const records = Array.from({ length: 40 }, (_, index) => ({ key: `k${index}`, value, timestamp: startTime }))
    for (let index = 0; index < 40; index++)
      await engine.harness.produce(topic, batch(records, { compression: 'gzip' }))
    let [turns, isDone] = [0, false]
    const turn = (): void => {
      turns++
      if (!isDone) setImmediate(turn)
    }
    setImmediate(turn)
    await housekeeping()
    isDone = true
    // Each batch is longer than a slice, and is visited for its keys and for its remaining records.
    expect(turns).toBeGreaterThan(2 * 38)
  })

  it('a topic that is deleted meanwhile ends it, and so does a close', async () => {
    const topics = [await engine.harness.topic(1, compacted), await engine.harness.topic(1, compacted)]
    for (const topic of topics) await fill(topic)
    storage.readBytes = 0
    const { rounds } = storage
    engine.clock.advance('1m')
    while (storage.readBytes < 1_000_000) await new Promise((next) => setImmediate(next))
    await engine.transport.send(deleteTopics, { timeoutMs: 1000, topics: [topics[0] as string] })
    const before = storage.readBytes
    while (storage.readBytes < before + 4_000_000) await new Promise((next) => setImmediate(next))
    await engine.transport.close()
    expect(storage.readBytes).toBeLessThan(before + 5_000_000)
    expect(storage.rounds).toBe(rounds + 1)
    await engine.restart()
    await housekeeping()
    const first = await firstOf(topics[1] as string)
    expect(first?.offset).toBe(count - 501)
  })
})
