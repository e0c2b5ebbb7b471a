import type { DamagedBatch } from '@kafkado/broker'
import { MemoryStorage } from '@kafkado/broker/storage'
import { codeOf, fetch } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { createHandler } from '@kafkado/server'
import { batch, startTime } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

type Range = Parameters<MemoryStorage['readBatches']>

/** A disk that cannot read some offsets of a log, or its index. */
class FailingStorage extends MemoryStorage {
  override readonly kind = 'disk'
  unreadable: { readonly logId: number; readonly from: number; readonly until: number } | undefined
  /** The log with an unreadable index. */
  withoutIndex: number | undefined

  override readBatches(...[logId, from, until, maxBytes, atLeastOne]: Range): Uint8Array {
    const read = (end: number): Uint8Array => super.readBatches(logId, from, end, maxBytes, atLeastOne)
    const found = read(until)
    const failing = this.unreadable
    if (failing?.logId !== logId || from >= failing.until) return found
    // A read that includes any of them fails entirely.
    if (read(failing.from).length < found.length) throw eio()
    return found
  }

  override indexEntryBeforeTimestamp(...given: Parameters<MemoryStorage['indexEntryBeforeTimestamp']>) {
    if (given[0] === this.withoutIndex) throw eio()
    return super.indexEntryBeforeTimestamp(...given)
  }
}

function eio(): Error {
  return Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5, syscall: 'read' })
}

describe('what a disk does not give out', () => {
  let storage: FailingStorage
  let engine: EngineUnderTest
  let told: DamagedBatch[]
  beforeEach(() => {
    storage = new FailingStorage()
    engine = new EngineUnderTest({ cleanupInterval: '1m', scrubBytesPerSecond: 0 }, storage)
    told = []
    engine.transport.on('damaged', (damaged) => told.push(damaged))
  })
  afterEach(() => engine.transport.close())

  const write = (topic: string, value: string, key = value) =>
    engine.harness.produce(topic, batch([{ key, value, timestamp: startTime }]))
  const earliest = async (topic: string) =>
    (await engine.harness.offsetFor(topic, listOffsetsTimestamp.earliest)).offset
  const readiness = async () => {
    const response = await createHandler(engine.transport, { log: () => undefined })(new Request('http://x/readyz'))
    return { status: response.status, ...((await response.json()) as object) }
  }

  const retention = { 'retention.ms': '30000' }
  const compaction = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' }
  it.each([
    ['batches, by retention', retention, () => (storage.unreadable = { logId: 1, from: 0, until: 9 })],
    ['batches, by compaction', compaction, () => (storage.unreadable = { logId: 1, from: 0, until: 9 })],
    ['the index, by retention', retention, () => (storage.withoutIndex = 1)],
  ])(
    'is told where it is needed: %s. Other logs are tidied up, and everything is written',
    async (_what, configs, fail) => {
      const failing = await engine.harness.topic(1, configs)
      const [retained, compacted] = [
        await engine.harness.topic(1, retention),
        await engine.harness.topic(1, compaction),
      ]
      for (const topic of [failing, retained, compacted])
        for (const value of ['1', '2', '3']) await write(topic, value, 'same')
      fail()
      await engine.clock.advanceAsync('3m')
      expect(told).toMatchObject([{ topic: failing, offset: 0, message: expect.stringContaining('EIO') as string }])
      expect(await readiness()).toEqual({ status: 'ready', damagedBatches: 1 })
      expect(await earliest(retained)).toBe(3)
      expect(await engine.harness.values(compacted)).toEqual(['2', '3'])
      storage.unreadable = undefined
      storage.withoutIndex = undefined
      for (const topic of [failing, retained, compacted]) await write(topic, '4', 'same')
      // It is tidied up as soon as the disk can read it again.
      await engine.clock.advanceAsync('3m')
      if (configs === retention) expect(await earliest(failing)).toBe(4)
      else expect(await engine.harness.values(failing)).toEqual(['3', '4'])
      expect(await readiness()).toEqual({ status: 'ready' })
      expect(told).toHaveLength(1)
    },
  )

  it('is told at its place alone, by compaction that comes upon it behind what it has read', async () => {
    const topic = await engine.harness.topic(1, compaction)
    for (const value of ['1', '2', '3', '4', '5']) await write(topic, value, 'same')
    storage.unreadable = { logId: 1, from: 2, until: 3 }
    await engine.clock.advanceAsync('3m')
    expect(told).toMatchObject([{ topic, offset: 2, endOffset: 3 }])
    expect(await readiness()).toEqual({ status: 'ready', damagedBatches: 1 })
  })

  it('is refused to whoever fetches it, and to nobody else: not what lies before it, behind it, or in other partitions', async () => {
    const [topic, other] = [await engine.harness.topic(), await engine.harness.topic()]
    for (const value of ['0', '1', '2', '3', '4']) await write(topic, value)
    await write(other, 'sound')
    storage.unreadable = { logId: 1, from: 2, until: 3 }
    const all = async (from: number): Promise<unknown[]> => {
      const { topics } = await engine.transport.send(fetch, {
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 1_000_000,
        isolationLevel: 'read_uncommitted',
        topics: [
          { topic, partitions: [{ partition: 0, fetchOffset: from, partitionMaxBytes: 1_000_000 }] },
          { topic: other, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }] },
        ],
      })
      return topics.map(({ partitions }) => [partitions[0]!.errorCode, partitions[0]!.records.length > 0])
    }
    const [sound, refused] = [
      [0, true],
      [codeOf('KAFKA_STORAGE_ERROR'), false],
    ]
    const found = []
    for (const from of [0, 1, 2, 3, 4]) found.push(await all(from))
    expect(found).toEqual([
      [sound, sound],
      [sound, sound],
      [refused, sound],
      [sound, sound],
      [sound, sound],
    ])
    expect(await engine.harness.values(topic, 3)).toEqual(['3', '4'])
    expect(told).toMatchObject([{ topic, partition: 0, offset: 2 }])
    expect((await engine.harness.fetch(topic, 2)).errorMessage).toMatch(
      new RegExp(`topic '${topic}' partition 0 at offset 2 .*EIO`),
    )
  })
})
