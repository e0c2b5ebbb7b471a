import { KafkaRecord, type RecordSource } from './kafka-record.ts'
import type { UnpackedRecordBatch } from '../batch/record-batch-reader.ts'
import { readRecords } from '../batch/record-walk.ts'

interface Reading<V, K> {
  /** The source of the new records. */
  readonly source: RecordSource<V, K>
  /** Receives the records, in the order of their offsets. */
  readonly into: KafkaRecord<V, K>[]
  /** Skips records before this offset. Default 0. */
  readonly from?: number
}

/**
 * Reads the records of a batch as users see them. A KafkaRecord gets the places of its parts as many plain numbers, so
 * that nothing else is allocated for it. Only this file knows their order.
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
