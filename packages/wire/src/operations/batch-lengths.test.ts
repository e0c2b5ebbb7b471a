import { recordBatchFieldsAt } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { batchOf, joined } from '../../test/record-batches.ts'
import { bytesAfterBatch, wholeBatches } from './batch-lengths.ts'

const first = batchOf({ mark: 1 })
const second = batchOf({ bytes: 200, mark: 2 })
const both = joined(first, second)

/** A batch whose length field states this length. */
function saying(batchLength: number): Uint8Array {
  const batch = batchOf({ bytes: 80 })
  new DataView(batch.buffer).setInt32(recordBatchFieldsAt.batchLength, batchLength)
  return batch
}

describe('wholeBatches', () => {
  it('leaves batches that are whole as they are, without a copy', () => {
    expect(wholeBatches(both)).toBe(both)
    expect(wholeBatches(new Uint8Array(0))).toHaveLength(0)
  })

  it('takes off a batch that is cut, wherever it is cut', () => {
    for (let length = 0; length < first.length; length++)
      expect(wholeBatches(both.subarray(0, length)), `${length} bytes`).toHaveLength(0)
    for (let length = first.length; length < both.length; length++)
      expect(wholeBatches(both.subarray(0, length)), `${length} bytes`).toEqual(first)
  })

  it('finds batches in the middle of a larger buffer', () => {
    const around = joined(new Uint8Array(7).fill(255), both, new Uint8Array(9).fill(255))
    expect(wholeBatches(around.subarray(7, 7 + both.length))).toEqual(both)
    expect(wholeBatches(around.subarray(7, 7 + both.length - 1))).toEqual(first)
  })

  it.each([-12, -13, -1_000_000, -(2 ** 31)])('ends at a batch whose length is %d', (batchLength) => {
    expect(wholeBatches(saying(batchLength))).toHaveLength(0)
    expect(wholeBatches(joined(first, saying(batchLength)))).toEqual(first)
  })

  it('ends at a batch that is longer than what there is', () => {
    expect(wholeBatches(joined(first, saying(2 ** 31 - 1)))).toEqual(first)
  })
})

describe('bytesAfterBatch', () => {
  it.each([
    ['one batch', first, 0],
    ['two batches', both, 200],
    ['a batch and a part of the next', both.subarray(0, 70), 9],
    ['a batch that is cut', second.subarray(0, 199), 0],
    ['less than a length', second.subarray(0, 11), 0],
    ['nothing', new Uint8Array(0), 0],
    ['a batch of negative length', saying(-1), 0],
    ['a batch shorter than its header', saying(60 - 12), 0],
    ['zeros', new Uint8Array(100), 0],
  ])('of %s', (_, records, expected) => {
    expect(bytesAfterBatch(records)).toBe(expected)
  })
})
