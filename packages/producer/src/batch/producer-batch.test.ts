import { RecordBatchBuilder, recordBatchHeaderBytes } from '@kafkado/core/internal'
import { expect, it } from 'vitest'
import { ProducerBatch } from './producer-batch.ts'

it('cannot be split where its bytes end early, and its callers can still be told', () => {
  const builder = new RecordBatchBuilder()
  const cut = { bytes: new Uint8Array(recordBatchHeaderBytes), baseTimestamp: 0 }
  Object.assign(builder, { written: () => cut })
  const batch = new ProducerBatch({ topic: 'orders', partition: 0, createdMs: 0, order: 0, firstRecord: 0 }, builder)
  const told: unknown[] = []
  const waiter = { delivered: () => told.push('delivered'), failed: (place: number) => told.push(place) }
  for (const place of [0, 1]) batch.append({ timestamp: 0, key: null, value: 'a', headers: [] }, waiter, place)
  expect(() => batch.split()).toThrow(RangeError)
  batch.fail(new Error('given up'))
  expect(told).toEqual([0, 1])
})
