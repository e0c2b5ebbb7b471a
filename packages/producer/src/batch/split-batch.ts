import {
  readHeaders,
  readRecordBatchHeader,
  readRecords,
  recordBatchHeaderBytes,
  type RecordContent,
} from '@kafkado/core/internal'
import { ProducerBatch } from './producer-batch.ts'

/** Batches are a whole number apart, so that each of their records has a place in between. */
const placeOfRecord = 2 ** -24

/** Two batches with the records of one, each of about half of them; those who wait go along. */
export function splitBatch(batch: ProducerBatch): ProducerBatch[] {
  const bytes = batch.uncompressed()
  const contents: RecordContent[] = []
  readRecords(
    { header: readRecordBatchHeader(bytes), bytes, recordsStart: recordBatchHeaderBytes, recordsEnd: bytes.length },
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
      const part = new ProducerBatch(
        batch.topic,
        batch.partition,
        batch.createdMs,
        batch.order + index * middle * placeOfRecord,
      )
      part.identity = batch.identity
      if (batch.identity) part.baseSequence = (batch.baseSequence + index * middle) % 2 ** 31
      half.forEach((content, position) => {
        const waiter = waiters[index * middle + position]
        if (waiter) part.append(content, waiter)
      })
      return part
    }),
  )
}
