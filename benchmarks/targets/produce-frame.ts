import type { produce, RequestOf } from '@kafkado/core'
import { RecordBatchBuilder } from '@kafkado/core/internal'
import { sampleOrder } from '../sample-records.ts'

/** A batch of about that many bytes. */
export function readyBatch(bytes: number): { readonly batch: Uint8Array; readonly records: number } {
  const builder = new RecordBatchBuilder(bytes)
  let records = 0
  while (records === 0 || builder.sizeInBytes < bytes - 250)
    builder.append({
      timestamp: Date.UTC(2026, 10, 24),
      key: null,
      value: JSON.stringify(sampleOrder(records++)),
      headers: [],
    })
  return { batch: builder.build() as Uint8Array, records }
}

export function produceRequest(topic: string, records: Uint8Array): RequestOf<typeof produce> {
  return {
    transactionalId: null,
    acks: -1,
    timeoutMs: 30_000,
    topics: [{ topic, partitions: [{ partition: 0, records }] }],
  }
}

/** The same request as the body that goes over HTTP: its length, the head, the batch (see http-frames.ts of core). */
export function readyBody(topic: string, records: Uint8Array): Buffer {
  const partitions = [{ partition: 0, byteLength: records.length }]
  const head = Buffer.from(JSON.stringify({ ...produceRequest(topic, records), topics: [{ topic, partitions }] }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(head.length)
  return Buffer.concat([length, head, records])
}

export const bodyType = 'application/vnd.kafkado.batches.v1'

const answered = {
  partition: 0,
  errorCode: 0,
  errorMessage: null,
  baseOffset: 0,
  logAppendTimeMs: -1,
  logStartOffset: 0,
}

/** What a server answers to one batch. */
export const plainAnswer: Buffer = Buffer.from(
  JSON.stringify({ throttleTimeMs: 0, topics: [{ topic: 'orders', partitions: [answered] }] }),
)
