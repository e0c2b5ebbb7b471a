import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { DamagedBatch, EmbeddedOptions } from '@kafkado/broker'
import { MemoryStorage } from '@kafkado/broker/storage'
import { capabilities, codeOf, deleteRecords, deleteTopics } from '@kafkado/core'
import { batch, startTime } from '@kafkado/testing/conformance'
import { createHandler } from '@kafkado/server'
import { afterEach, describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

/** A disk with a flipped bit in one batch of a log, however often it is read. */
class DamagingStorage extends MemoryStorage {
  override readonly kind = 'disk'
  damaged: { readonly bytes: Uint8Array; readonly bit: number } | undefined
  /** The unreadable log. */
  failing: number | undefined
  readBytes = 0

  /** @param offset of the batch @param bit counted from its beginning */
  damage(logId: number, offset: number, bit: number): void {
    this.damaged = { bytes: super.readBatches(logId, offset, Number.MAX_SAFE_INTEGER, 1, true), bit }
  }

  override readBatches(...given: Parameters<MemoryStorage['readBatches']>): Uint8Array {
    if (given[0] === this.failing) throw new Error('EIO: i/o error, read')
    const bytes = Buffer.from(super.readBatches(...given))
    this.readBytes += bytes.length
    if (!this.damaged) return bytes
    const { bytes: sought, bit } = this.damaged
    const place = bytes.indexOf(sought)
    if (place >= 0) bytes[place + (bit >> 3)]! ^= 1 << (bit & 7)
    return bytes
  }
}

describe('what a disk has changed', () => {
  let storage: DamagingStorage
  let engine: EngineUnderTest
  let told: DamagedBatch[]
  const start = (options: EmbeddedOptions = {}): void => {
    storage = new DamagingStorage()
    // No other reader runs meanwhile.
    engine = new EngineUnderTest({ cleanupInterval: '30d', ...options }, storage)
    told = []
    engine.transport.on('damaged', (damaged) => told.push(damaged))
  }
  afterEach(() => engine.transport.close())

  const write = (topic: string, value: string, key = value) =>
    engine.harness.produce(topic, batch([{ key, value, timestamp: startTime }]))
  const scrubbed = () => engine.clock.advanceAsync('61s')
  const readiness = async () => {
    const response = await createHandler(engine.transport, { log: () => undefined })(new Request('http://x/readyz'))
    return { status: response.status, ...((await response.json()) as object) }
  }

  it('is found, told once by the event, its channel and /readyz, and refused to those who fetch it; the rest is given', async () => {
    start()
    const published: unknown[] = []
    const onPublished = (message: unknown): void => void published.push(message)
    subscribe('kafkado:engine:damaged', onPublished)
    const topic = await engine.harness.topic()
    for (const value of ['before', 'damaged', 'after']) await write(topic, value)
    await scrubbed()
    expect(await readiness()).toEqual({ status: 'ready' })
    storage.damage(1, 1, 80 * 8)
    // Nobody knows yet: the client that fetches it verifies it.
    expect((await engine.harness.fetch(topic, 1)).errorCode).toBe(0)
    await engine.clock.advanceAsync('1d')
    const damaged = {
      topic,
      partition: 0,
      offset: 1,
      endOffset: 2,
      message: expect.stringContaining('checksum') as string,
    }
    expect(told).toEqual([damaged])
    expect(published).toEqual([damaged])
    unsubscribe('kafkado:engine:damaged', onPublished)
    expect(await readiness()).toEqual({ status: 'ready', damagedBatches: 1 })
    expect(await engine.transport.send(capabilities, {})).toMatchObject({ damagedBatches: 1 })
    expect(await engine.harness.values(topic)).toEqual(['before'])
    expect((await engine.harness.fetch(topic, 1)).errorCode).toBe(codeOf('CORRUPT_MESSAGE'))
    expect(await engine.harness.values(topic, 2)).toEqual(['after'])
    await engine.clock.advanceAsync('2d')
    expect(told).toHaveLength(1)
  })

  it('is found whichever bit of a batch it is, behind what says its place', async () => {
    start()
    const topic = await engine.harness.topic()
    for (const value of ['before', 'damaged', 'after']) await write(topic, value)
    const bits = batch([{ key: 'damaged', value: 'damaged', timestamp: startTime }]).length * 8
    // Its length, then everything from its magic on; the leader epoch in between does not matter.
    const wanted = Array.from({ length: bits }, (_, bit) => bit).filter((bit) => bit >= 64 && !(bit >= 96 && bit < 128))
    const missed: number[] = []
    for (const bit of wanted) {
      storage.damage(1, 1, bit)
      await engine.clock.advanceAsync('1d')
      const { errorCode } = await engine.harness.fetch(topic, 1)
      if (told.length !== 1 || told[0]?.endOffset !== 2 || errorCode !== codeOf('CORRUPT_MESSAGE')) missed.push(bit)
      // The damage was temporary.
      storage.damaged = undefined
      told.length = 0
      expect(await engine.harness.values(topic)).toEqual(['before', 'damaged', 'after'])
      expect(await readiness()).toEqual({ status: 'ready' })
    }
    expect(missed).toEqual([])
    expect(wanted.length).toBeGreaterThan(500)
  })

  it('is found where a batch says another place', async () => {
    start()
    const topic = await engine.harness.topic()
    for (const value of ['before', 'damaged', 'after']) await write(topic, value)
    // 1 becomes 0, or more than there are.
    for (const bit of [7 * 8, 5 * 8, 8 + 3]) {
      storage.damage(1, 1, bit)
      told.length = 0
      await engine.clock.advanceAsync('1d')
      expect(told).toMatchObject([{ offset: 1, endOffset: 2 }])
      storage.damaged = undefined
      expect(await engine.harness.values(topic)).toHaveLength(3)
    }
  })

  it.each([
    [
      'deleted records',
      (topic: string) => ({ timeoutMs: 1, topics: [{ topic, partitions: [{ partition: 0, offset: 2 }] }] }),
    ],
    ['a deleted topic', undefined],
  ])('is no longer told of %s', async (_what, records) => {
    start()
    const topic = await engine.harness.topic()
    for (const value of ['before', 'damaged', 'after']) await write(topic, value)
    await scrubbed()
    storage.damage(1, 1, 80 * 8)
    await engine.clock.advanceAsync('1d')
    expect(await readiness()).toMatchObject({ damagedBatches: 1 })
    storage.damaged = undefined
    if (records) await engine.transport.send(deleteRecords, records(topic))
    else await engine.transport.send(deleteTopics, { timeoutMs: 1, topics: [topic] })
    expect(await readiness()).toEqual({ status: 'ready' })
  })

  it('is not written anew by compaction, with a checksum that is right', async () => {
    start({ scrubBytesPerSecond: 0, cleanupInterval: '1m' })
    const topic = await engine.harness.topic(1, { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' })
    await engine.harness.produce(
      topic,
      batch([
        { key: 'a', value: 'replaced', timestamp: startTime },
        { key: 'b', value: 'stays', timestamp: startTime },
      ]),
    )
    for (const value of ['1', '2']) await write(topic, value, 'a')
    // The value of the remaining record.
    storage.damage(
      1,
      0,
      (batch([
        { key: 'a', value: 'replaced' },
        { key: 'b', value: 'stays' },
      ]).length -
        3) *
        8,
    )
    await engine.clock.advanceAsync('2m')
    // Compaction needed it, so it is known without the scrubber.
    expect(told).toMatchObject([{ topic, offset: 0, endOffset: 2 }])
    expect((await engine.harness.fetch(topic, 0)).errorCode).toBe(codeOf('CORRUPT_MESSAGE'))
  })

  it('is told too when it cannot be read at all, and everything else goes on', async () => {
    start()
    const [topic, other] = [await engine.harness.topic(), await engine.harness.topic()]
    await write(topic, 'unreadable')
    storage.failing = 1
    await scrubbed()
    expect(told).toEqual([
      { topic, partition: 0, offset: 0, endOffset: 1, message: 'it cannot be read: EIO: i/o error, read' },
    ])
    expect(await readiness()).toEqual({ status: 'ready', damagedBatches: 1 })
    await write(other, 'kept')
    expect(await engine.harness.values(other)).toEqual(['kept'])
    storage.failing = undefined
    expect(await engine.harness.values(topic)).toEqual(['unreadable'])
    expect(await readiness()).toEqual({ status: 'ready' })
  })

  it('is looked for slowly, once a day, not at all with 0', async () => {
    start({ scrubBytesPerSecond: 1_000_000 })
    const topic = await engine.harness.topic()
    for (let index = 0; index < 1000; index++) await write(topic, 'x'.repeat(10_000), String(index))
    storage.readBytes = 0
    const reads: number[] = []
    for (let second = 0; second < 120; second++) {
      await engine.clock.advanceAsync('1s')
      for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
      if (storage.readBytes > 0) reads.push(storage.readBytes)
      storage.readBytes = 0
    }
    const total = reads.reduce((sum, bytes) => sum + bytes, 0)
    expect(total).toBeGreaterThan(10_000_000)
    expect(total).toBeLessThan(11_000_000)
    // At most one slice more.
    expect(Math.max(...reads)).toBeLessThan(1_300_000)
    expect(reads.length).toBeGreaterThanOrEqual(10)
    await engine.transport.close()
    start({ scrubBytesPerSecond: 0 })
    await write(await engine.harness.topic(), 'a')
    storage.damage(1, 0, 80 * 8)
    await engine.clock.advanceAsync('1d')
    expect(told).toEqual([])
  })
})
