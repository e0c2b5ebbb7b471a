import { compress, type CompressionType, compressionTypes } from './compression/compression.ts'
import { attributesOf, recordBatchHeaderBytes, writeRecordBatchHeader } from './format/record-batch-header.ts'
import type { UnpackedRecordBatch } from './record-batch-reader.ts'
import { readRecords } from './record-walk.ts'

/** A filter for records. It gets the offset, and the places of key and value; a start of −1 means null. */
export type RecordPredicate = (
  bytes: Uint8Array,
  offset: number,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
) => boolean

/**
 * The batch with only the records that the filter keeps, byte for byte the same, with their offsets, sequence numbers
 * and the batch's offset range; undefined when none remains.
 *
 * @param compression for the records; by default as before
 */
export function filterRecordBatch(
  unpacked: UnpackedRecordBatch,
  keeps: RecordPredicate,
  compression: CompressionType = compressionTypes[unpacked.header.compressionType] as CompressionType,
): Uint8Array | Promise<Uint8Array> | undefined {
  const { header, bytes, recordsStart, recordsEnd } = unpacked
  const kept = new Uint8Array(recordsEnd - recordsStart)
  let [size, count, maxTimestamp] = [0, 0, -1]
  readRecords(
    unpacked,
    (_bytes, offset, timestamp, keyStart, keyEnd, valueStart, _valueEnd, _headers, _count, start, end) => {
      if (!keeps(bytes, offset, keyStart, keyEnd, valueStart)) return
      kept.set(bytes.subarray(start, end), size)
      size += end - start
      count++
      if (timestamp > maxTimestamp) maxTimestamp = timestamp
    },
  )
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
  if (compression === 'none') return finish(records)
  const packed = compress(compression, records)
  return packed instanceof Uint8Array ? finish(packed) : packed.then(finish)
}
