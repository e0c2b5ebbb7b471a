import { gzipSync } from 'node:zlib'
import { readRecordBatchHeader, yieldToEventLoop } from '@kafkado/core/internal'
import { rawBatch, rawRecords } from '@kafkado/testing/conformance'
import { describe, expect, it } from 'vitest'
import { isTooLong, Unpacking } from '../src/log/unpacking.ts'

const limit = 4 * 1024 * 1024
/** 1 MiB of one record in about 1 kB. */
const bomb = rawBatch(gzipSync(rawRecords({ value: 'x'.repeat(1024 * 1024) })), { attributes: 1 })
const short = rawBatch(gzipSync(rawRecords({ value: 'x' })), { attributes: 1 })

describe('Unpacking', () => {
  it('lets others have their turn while it unpacks a large batch', async () => {
    let hadTurn = false
    setImmediate(() => (hadTurn = true))
    const before = await new Unpacking().use(bomb, readRecordBatchHeader(bomb), limit, () => hadTurn)
    expect(before).toBe(true)
  })

  it('unpacks a short one at once', () => {
    expect(new Unpacking().use(short, readRecordBatchHeader(short), limit, ({ recordsEnd }) => recordsEnd)).toBeTypeOf(
      'number',
    )
  })

  it('has two large batches in memory at a time, and lets the next ones have their turns', async () => {
    const unpacking = new Unpacking()
    let bothBegan = (): void => undefined
    const both = new Promise<void>((resolve) => (bothBegan = resolve))
    let [underWay, most] = [0, 0]
    const use = async (index: number): Promise<void> => {
      await unpacking.use(bomb, readRecordBatchHeader(bomb), limit, async () => {
        most = Math.max(most, ++underWay)
        // The first waits for the second: which of several threads is done first is up to chance.
        if (underWay === 2) bothBegan()
        await both
        await yieldToEventLoop()
        underWay--
        if (index % 3 === 0) throw new Error(`faulty batch ${index}`)
      })
    }
    const ended = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => use(index)))
    expect(most).toBe(2)
    expect(ended.map(({ status }) => status === 'fulfilled')).toEqual(
      Array.from({ length: 10 }, (_, index) => index % 3 !== 0),
    )
  })

  it('refuses a bomb beyond its limit, and no turn is lost by that', async () => {
    const unpacking = new Unpacking()
    for (let count = 0; count < 5; count++)
      await expect(
        Promise.resolve(unpacking.use(bomb, readRecordBatchHeader(bomb), limit / 8, () => undefined)),
      ).rejects.toSatisfy(isTooLong)
    expect(await unpacking.use(bomb, readRecordBatchHeader(bomb), limit, () => 'unpacked')).toBe('unpacked')
  })
})
