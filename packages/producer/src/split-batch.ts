import type { CompressionType } from '@kafkado/core'
import {
  readHeaders,
  readRecordBatchHeader,
  readRecords,
  type RecordContent,
  unpackRecordBatch,
} from '@kafkado/core/internal'
import { ProducerBatch } from './producer-batch.ts'

/** Two batches with the records of one, each of about half of them; those who wait go along. */
export async function splitBatch(batch: ProducerBatch, compression: CompressionType): Promise<ProducerBatch[]> {
  const bytes = await batch.encode(compression)
  const contents: RecordContent[] = []
  readRecords(
    await unpackRecordBatch(bytes, readRecordBatchHeader(bytes)),
    (content, _offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
      contents.push({
        timestamp,
        key: keyStart < 0 ? null : content.subarray(keyStart, keyEnd),
        value: valueStart < 0 ? null : content.subarray(valueStart, valueEnd),
        headers: readHeaders(content, headersStart, count),
      })
    },
  )
  const middle = Math.ceil(contents.length / 2)
  return batch.handOver((waiters) =>
    [contents.slice(0, middle), contents.slice(middle)].map((half, index) => {
      const part = new ProducerBatch(batch.topic, batch.partition, batch.createdMs)
      half.forEach((content, position) => {
        const waiter = waiters[index * middle + position]
        if (waiter) part.append(content, waiter)
      })
      return part
    }),
  )
}
