import { batchOverheadBytes, recordBatchHeaderBytes, recordBatchSize } from '@kafkado/core/internal'

/**
 * A broker cuts its answer by bytes, so the last batch may be incomplete. The reader's next fetch asks for it again.
 */
export function wholeBatches(records: Uint8Array): Uint8Array {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let end = 0
  while (records.length - end >= batchOverheadBytes) {
    const next = end + recordBatchSize(view, end)
    if (next > records.length || next <= end) break
    end = next
  }
  return end === records.length ? records : records.subarray(0, end)
}

/**
 * The number of bytes after the first batch. Brokers drop such bytes silently, and a producer that sends them has a
 * bug. Bytes that are no batch at all are 0: a broker says what is wrong with them.
 */
export function bytesAfterBatch(records: Uint8Array): number {
  if (records.length < batchOverheadBytes) return 0
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const size = recordBatchSize(view, 0)
  return size < recordBatchHeaderBytes ? 0 : Math.max(records.length - size, 0)
}
