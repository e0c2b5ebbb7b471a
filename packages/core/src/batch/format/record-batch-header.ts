import { crc32c } from '#crc32c'
import { writeInt64 } from './int64.ts'

/**
 * The header of a record batch, magic 2, all numbers big-endian:
 *
 *     at  size  field
 *      0     8  baseOffset            offset of the first record
 *      8     4  batchLength           bytes from partitionLeaderEpoch to the end
 *     12     4  partitionLeaderEpoch
 *     16     1  magic                 2
 *     17     4  crc                   CRC-32C from attributes to the end
 *     21     2  attributes            bits 0–2 compression, 3 timestamp type, 4 transactional, 5 control,
 *                                     6 delete horizon
 *     23     4  lastOffsetDelta       offset of the last record less baseOffset; compaction leaves gaps before it
 *     27     8  baseTimestamp         of the first record (the delete horizon where bit 6 is set)
 *     35     8  maxTimestamp          greatest timestamp, or the append time
 *     43     8  producerId            −1 when not idempotent
 *     51     2  producerEpoch         −1 likewise
 *     53     4  baseSequence          −1 likewise
 *     57     4  recordsCount
 *     61        the records, compressed as one block
 *
 * The first three fields lie outside the checksum, because the broker sets them when it appends.
 */
export const recordBatchHeaderBytes = 61

/** Where in the header each field begins. */
export const recordBatchFieldsAt = {
  baseOffset: 0,
  batchLength: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordsCount: 57,
} as const
const at = recordBatchFieldsAt

/** Up to the end of the field `batchLength`, which counts what comes after it. */
export const batchOverheadBytes = 12
export const timestampTypeBit = 0x08
export const transactionalBit = 0x10
export const controlBit = 0x20
/** The attribute bits that a producer may set. Bit 6 belongs to compaction; the bits above it have no meaning yet. */
export const producibleAttributes = 0x07 | timestampTypeBit | transactionalBit | controlBit

export type TimestampType = 'createTime' | 'logAppendTime'

/** The fields that a writer decides; the others follow from them. */
export interface RecordBatchHeaderFields {
  baseOffset: number
  partitionLeaderEpoch: number
  attributes: number
  lastOffsetDelta: number
  baseTimestamp: number
  maxTimestamp: number
  producerId: number
  producerEpoch: number
  baseSequence: number
  recordsCount: number
}

export function attributesOf(
  compressionType: number,
  isTransactional: boolean,
  isControl: boolean,
  timestampType: TimestampType = 'createTime',
): number {
  const flags = (isTransactional ? transactionalBit : 0) | (isControl ? controlBit : 0)
  return compressionType | flags | (timestampType === 'logAppendTime' ? timestampTypeBit : 0)
}

/** Writes the header before the records that fill the rest of `batch`, and then the checksum over both. */
export function writeRecordBatchHeader(batch: Uint8Array, fields: RecordBatchHeaderFields): void {
  const view = viewOf(batch)
  writeInt64(view, at.baseOffset, fields.baseOffset)
  view.setInt32(at.batchLength, batch.length - batchOverheadBytes)
  view.setInt32(at.partitionLeaderEpoch, fields.partitionLeaderEpoch)
  view.setInt8(at.magic, 2)
  view.setInt16(at.attributes, fields.attributes)
  view.setInt32(at.lastOffsetDelta, fields.lastOffsetDelta)
  writeInt64(view, at.baseTimestamp, fields.baseTimestamp)
  writeInt64(view, at.maxTimestamp, fields.maxTimestamp)
  writeInt64(view, at.producerId, fields.producerId)
  view.setInt16(at.producerEpoch, fields.producerEpoch)
  view.setInt32(at.baseSequence, fields.baseSequence)
  view.setInt32(at.recordsCount, fields.recordsCount)
  view.setUint32(at.crc, crc32c(batch, at.attributes))
}

/** Gives a batch its place in a log. These fields lie outside the checksum, so nothing else changes. */
export function assignOffset(batch: Uint8Array, baseOffset: number, partitionLeaderEpoch: number): void {
  const view = viewOf(batch)
  writeInt64(view, at.baseOffset, baseOffset)
  view.setInt32(at.partitionLeaderEpoch, partitionLeaderEpoch)
}

/** Numbers an otherwise complete batch. A producer does this at the last moment, when the order is decided. */
export function assignSequence(
  batch: Uint8Array,
  producerId: number,
  producerEpoch: number,
  baseSequence: number,
): void {
  const view = viewOf(batch)
  writeInt64(view, at.producerId, producerId)
  view.setInt16(at.producerEpoch, producerEpoch)
  view.setInt32(at.baseSequence, baseSequence)
  view.setUint32(at.crc, crc32c(batch, at.attributes))
}

/** Corrects the maximum timestamp in a batch's header, and the checksum with it. */
export function assignMaxTimestamp(batch: Uint8Array, maxTimestamp: number): void {
  const view = viewOf(batch)
  writeInt64(view, at.maxTimestamp, maxTimestamp)
  view.setUint32(at.crc, crc32c(batch, at.attributes))
}

/** Stamps a batch with the time of the append, for topics with `message.timestamp.type=LogAppendTime`. */
export function assignAppendTime(batch: Uint8Array, appendTimeMs: number): void {
  const view = viewOf(batch)
  view.setInt16(at.attributes, view.getInt16(at.attributes) | timestampTypeBit)
  assignMaxTimestamp(batch, appendTimeMs)
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
