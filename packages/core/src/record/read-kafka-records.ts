import { KafkaRecord, type RecordSource } from './kafka-record.ts'
import type { UnpackedRecordBatch } from '../batch/record-batch-reader.ts'
import { readRecords } from '../batch/record-walk.ts'

interface Reading<V, K> {
  /** What the records are made with. */
  readonly source: RecordSource<V, K>
  /** Takes them, in the order of their offsets. */
  readonly into: KafkaRecord<V, K>[]
  /** Leaves out what comes before this offset. Default 0. */
  readonly from?: number
}

/**
 * Reads the records of a batch as users see them. A KafkaRecord is told by many plain numbers where its parts lie, so
 * that nothing else is allocated for it; in which order they come is known here alone.
 *
 * @throws KafkaError CORRUPT_MESSAGE as `readRecords` does
 */
export function readKafkaRecords<V, K>(unpacked: UnpackedRecordBatch, { source, into, from = 0 }: Reading<V, K>): void {
  readRecords(unpacked, (bytes, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
    if (offset < from) return
    into.push(
      new KafkaRecord(source, bytes, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count),
    )
  })
}
