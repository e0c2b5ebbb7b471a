import { systemClock } from '@kafkado/core'
import { listOffsetsTimestamp } from '@kafkado/core/protocol'
import { recordBatchesIn } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { batch, errorNumber, type GetHarness, noError, startTime } from '../harness/harness.ts'
import { rawBatch, rawRecords } from '../harness/raw-batch.ts'
import { answeredCode } from '../harness/test-member.ts'

/** The checks of what a batch says of its times. Facts from LogValidator. */
export function batchTimestampCases(get: GetHarness): void {
  it.each([1000, -1000])('corrects a greatest timestamp that is wrong by %d', async (error) => {
    const topic = await get().topic()
    const records = rawRecords({ timestampDelta: 5 }, { timestampDelta: 3 })
    await get().produce(topic, rawBatch(records, { recordsCount: 2, maxTimestamp: startTime + 5 + error }))
    const found = [...recordBatchesIn((await get().fetch(topic, 0)).records)]
    expect(found.map(({ header }) => header.maxTimestamp)).toEqual([startTime + 5])
    expect(await get().offsetFor(topic, listOffsetsTimestamp.maxTimestamp)).toMatchObject({
      offset: 0,
      timestamp: startTime + 5,
    })
    expect(await get().offsetFor(topic, startTime + 6)).toMatchObject({ offset: -1 })
  })

  describe('with limits for timestamps', () => {
    const hourMs = 3_600_000
    const limits = {
      'message.timestamp.before.max.ms': String(hourMs),
      'message.timestamp.after.max.ms': String(hourMs),
    }
    const nowMs = systemClock.now()
    it.each([
      ['all of them near', [0, 1, 2], noError],
      ['one in the middle too early', [0, -2 * hourMs, 2], errorNumber('INVALID_TIMESTAMP')],
      ['one in the middle too late', [0, 2 * hourMs, 2], errorNumber('INVALID_TIMESTAMP')],
    ])('looks at each record: %s', async (_, deltas, expected) => {
      const topic = await get().topic(1, limits)
      const records = rawRecords(...deltas.map((timestampDelta) => ({ timestampDelta })))
      const header = { recordsCount: 3, baseTimestamp: nowMs, maxTimestamp: nowMs + 2 }
      expect(await answeredCode(get().produce(topic, rawBatch(records, header)))).toBe(expected)
    })

    it('takes a record without a timestamp', async () => {
      const topic = await get().topic(1, limits)
      expect(await get().produce(topic, batch([{ value: 'a', timestamp: -1 }]))).toMatchObject({ errorCode: noError })
    })
  })

  it('refuses a batch that says it was stamped at the append, where the topic does that', async () => {
    const topic = await get().topic(1, { 'message.timestamp.type': 'LogAppendTime' })
    const code = await answeredCode(get().produce(topic, rawBatch(rawRecords({}), { attributes: 8 })))
    expect(code).toBe(errorNumber('INVALID_TIMESTAMP'))
  })
}
