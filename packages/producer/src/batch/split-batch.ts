import { readHeaders, readRecords, type RecordContent } from '@kafkado/core/internal'
import type { ProducerBatch } from './producer-batch.ts'

/** Two batches with the records of one, each of about half of them; none when it is settled. */
export function splitBatch(batch: ProducerBatch): ProducerBatch[] {
  const contents: RecordContent[] = []
  readRecords(
    batch.uncompressed(),
    (bytes, _offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
      contents.push({
        timestamp,
        key: keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd),
        value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
        headers: readHeaders(bytes, headersStart, count),
      })
    },
  )
  const middle = Math.ceil(contents.length / 2)
  return batch.split([contents.slice(0, middle), contents.slice(middle)])
}
