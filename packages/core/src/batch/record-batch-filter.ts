import { compress, type CompressionType, compressionTypes } from './compression/compression.ts'
import { attributesOf, recordBatchHeaderBytes, writeRecordBatchHeader } from './format/record-batch-header.ts'
import type { UnpackedRecordBatch } from './record-batch-reader.ts'
import { type RecordVisitor, RecordWalk } from './record-walk.ts'
import { yieldToEventLoop } from '../runtime/event-loop.ts'

/** A filter for records. It gets the offset, and the places of key and value; a start of −1 means null. */
export type RecordPredicate = (
  bytes: Uint8Array,
  offset: number,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
) => boolean

/** How many records are looked at before others get their turn; about a millisecond's work. */
const recordsAtATime = 20_000
/** Shorter records are compressed at once: another thread would take longer. */
const shortBytes = 64 * 1024

/**
 * The batch with only the records that the filter keeps, byte for byte the same, with their offsets, sequence numbers
 * and the batch's offset range; undefined when none remains. The event loop continues meanwhile.
 *
 * @param compression for the records; by default as before
 */
export async function filterRecordBatch(
  unpacked: UnpackedRecordBatch,
  keeps: RecordPredicate,
  compression: CompressionType = compressionTypes[unpacked.header.compressionType] as CompressionType,
): Promise<Uint8Array | undefined> {
  const { header, bytes, recordsStart, recordsEnd } = unpacked
  const kept = new Uint8Array(recordsEnd - recordsStart)
  let [size, count, maxTimestamp] = [0, 0, -1]
  const visit: RecordVisitor = (_, offset, timestamp, keyStart, keyEnd, valueStart, _valueEnd, _at, _n, start, end) => {
    if (!keeps(bytes, offset, keyStart, keyEnd, valueStart)) return
    kept.set(bytes.subarray(start, end), size)
    size += end - start
    count++
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
  }
  for (const walk = new RecordWalk(unpacked); walk.visit(visit, recordsAtATime);) await yieldToEventLoop()
  if (count === 0) return undefined
  const finish = (records: Uint8Array): Uint8Array => {
    const batch = new Uint8Array(recordBatchHeaderBytes + records.length)
    batch.set(records, recordBatchHeaderBytes)
    const { baseOffset, partitionLeaderEpoch, lastOffsetDelta, baseTimestamp } = header
    const { producerId, producerEpoch, baseSequence, isTransactional, isControl, timestampType } = header
    writeRecordBatchHeader(batch, {
      baseOffset,
      partitionLeaderEpoch,
      attributes: attributesOf(compressionTypes.indexOf(compression), isTransactional, isControl, timestampType),
      lastOffsetDelta,
      baseTimestamp,
      maxTimestamp,
      producerId,
      producerEpoch,
      baseSequence,
      recordsCount: count,
    })
    return batch
  }
  const records = kept.subarray(0, size)
  return finish(compression === 'none' ? records : await compress(compression, records, size > shortBytes))
}
