import { recordBatchHeaderBytes } from './format/record-batch-header.ts'
import { readLength, recordHeadBytes, varintBytes } from './format/varint.ts'
import { RecordBatchBuilder } from './record-batch-builder.ts'

/**
 * Splits the records of a batch into two batches, each with about half of them. Keys, values and headers are copied as
 * they were written.
 *
 * @param timestamps those of all records, in order
 */
export function splitRecordBatch(
  whole: RecordBatchBuilder,
  timestamps: readonly number[],
): [RecordBatchBuilder, RecordBatchBuilder] {
  const { bytes, baseTimestamp } = whole.written()
  const size = Math.ceil(whole.sizeInBytes / 2)
  const [first, second] = [new RecordBatchBuilder(size), new RecordBatchBuilder(size)]
  let position = recordBatchHeaderBytes
  timestamps.forEach((timestamp, index) => {
    const length = readLength(bytes, position)
    const start = position + varintBytes(length)
    position = start + length
    const contentStart = start + recordHeadBytes(timestamp - baseTimestamp, index)
    const half = 2 * index < timestamps.length ? first : second
    half.appendWritten(timestamp, bytes.subarray(contentStart, position))
  })
  return [first, second]
}
