import type { KafkaRecord, RecordSource } from './kafka-record.ts'
import type { UnpackedRecordBatch } from '../batch/record-batch-reader.ts'
import { UnreadRecords } from './unread-records.ts'

interface Reading<V, K> {
  /** The source of the new records. */
  readonly source: RecordSource<V, K>
  /** Receives the records, in the order of their offsets. */
  readonly into: KafkaRecord<V, K>[]
}

/**
 * Reads the records of a batch as users see them, all at once.
 *
 * @throws KafkaError CORRUPT_MESSAGE as `readRecords` does
 */
export function readKafkaRecords<V, K>(unpacked: UnpackedRecordBatch, { source, into }: Reading<V, K>): void {
  const unread = new UnreadRecords(unpacked, source)
  for (let index = 0; index < unread.length; index++) into.push(unread.recordAt(index))
}
