import type { DamagedBatch } from '@kafkado/broker'
import { MemoryStorage } from '@kafkado/broker/storage'
import { capabilities, codeOf } from '@kafkado/core'
import { readRecordBatchHeader } from '@kafkado/core/internal'
import { batch, startTime } from '@kafkado/testing/conformance'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

type Fault = 'changed' | 'not given out'

/** A disk with changed bits in some batches of a log, which cannot read others at all. */
class BadStorage extends MemoryStorage {
  override readonly kind = 'disk'
  /** By the base offset of a batch. */
  readonly faults = new Map<number, Fault>()

  override readBatches(...given: Parameters<MemoryStorage['readBatches']>): Uint8Array {
    const bytes = super.readBatches(...given)
    for (let position = 0; position < bytes.length;) {
      const { baseOffset, sizeInBytes } = readRecordBatchHeader(bytes, position)
      const fault = this.faults.get(baseOffset)
      if (fault === 'not given out') throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5 })
      if (fault === 'changed') bytes[position + sizeInBytes - 1]! ^= 1
      position += sizeInBytes
    }
    return bytes
  }
}

interface Written {
  readonly records: number
  readonly fault: Fault | undefined
}

const written = fc.record({
  records: fc.integer({ min: 1, max: 4 }),
  fault: fc.option(fc.constantFrom<Fault>('changed', 'not given out'), { nil: undefined }),
})

describe('the scrubber', () => {
  const check = async (batches: readonly Written[]): Promise<void> => {
    const storage = new BadStorage()
    // No other reader runs meanwhile.
    const engine = new EngineUnderTest({ cleanupInterval: '30d' }, storage)
    const told: DamagedBatch[] = []
    engine.transport.on('damaged', (damaged) => told.push(damaged))
    const topic = await engine.harness.topic()
    const expected: object[] = []
    let end = 0
    for (const { records, fault } of batches) {
      const values = Array.from({ length: records }, (_, index) => ({ value: String(index), timestamp: startTime }))
      await engine.harness.produce(topic, batch(values))
      if (fault) {
        storage.faults.set(end, fault)
        const message = expect.stringContaining(fault === 'changed' ? 'checksum' : 'EIO') as string
        expected.push({ topic, partition: 0, offset: end, endOffset: end + records, message })
      }
      end += records
    }
    await engine.clock.advanceAsync('2m')
    expect(told).toEqual(expected)
    const damagedBatches = async () => (await engine.transport.send(capabilities, {})).damagedBatches ?? 0
    expect(await damagedBatches()).toBe(expected.length)
    for (const [offset, fault] of storage.faults) {
      const { errorCode } = await engine.harness.fetch(topic, offset)
      expect(errorCode).toBe(codeOf(fault === 'changed' ? 'CORRUPT_MESSAGE' : 'KAFKA_STORAGE_ERROR'))
    }
    // A disk may have read wrongly once; then nothing is damaged, and nothing is reported twice.
    storage.faults.clear()
    await engine.clock.advanceAsync('1d')
    expect(await damagedBatches()).toBe(0)
    expect(told).toEqual(expected)
    await engine.transport.close()
  }

  it('tells of each batch that is not as it was written, or not given out, and of no other, wherever they lie', () =>
    fc.assert(fc.asyncProperty(fc.array(written, { minLength: 1, maxLength: 40 }), check), {
      numRuns: Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 60),
    }))

  it('takes its time with many in a row, as each costs the disk a read', async () => {
    const storage = new BadStorage()
    const engine = new EngineUnderTest({ cleanupInterval: '30d', scrubBytesPerSecond: 1024 * 1024 }, storage)
    let told = 0
    engine.transport.on('damaged', () => told++)
    const topic = await engine.harness.topic()
    for (let offset = 0; offset < 100; offset++) {
      await engine.harness.produce(topic, batch([{ value: 'x', timestamp: startTime }]))
      storage.faults.set(offset, 'not given out')
    }
    const counts: number[] = []
    await engine.clock.advanceAsync('59s')
    while (told < 100) {
      const before = told
      await engine.clock.advanceAsync('1s')
      counts.push(told - before)
    }
    expect(Math.max(...counts)).toBeLessThan(6)
    await engine.transport.close()
  })
})
