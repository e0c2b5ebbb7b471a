import { crc32c } from '#crc32c'
import { corrupt } from './corrupt.ts'
import { readInt64 } from './int64.ts'
import {
  batchOverheadBytes,
  controlBit,
  recordBatchFieldsAt as at,
  recordBatchHeaderBytes,
  timestampTypeBit,
  type TimestampType,
  transactionalBit,
  viewOf,
} from './record-batch-header.ts'

/** The header fields of a batch. A page that only sends does not load this file. */
export interface RecordBatchHeader {
  readonly baseOffset: number
  /** The whole batch in bytes, from `baseOffset` to the last record. */
  readonly sizeInBytes: number
  readonly partitionLeaderEpoch: number
  readonly magic: number
  readonly crc: number
  readonly attributes: number
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compressionType: number
  readonly timestampType: TimestampType
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly lastOffsetDelta: number
  readonly lastOffset: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordsCount: number
}

/**
 * Reads the header of the batch that begins at `start`.
 *
 * @throws KafkaError CORRUPT_MESSAGE when the bytes end before the batch does, or are not a batch of magic 2
 */
export function readRecordBatchHeader(bytes: Uint8Array, start = 0): RecordBatchHeader {
  if (bytes.length - start < recordBatchHeaderBytes)
    throw corrupt(`a record batch header has ${recordBatchHeaderBytes} bytes, here are ${bytes.length - start}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start)
  const magic = view.getInt8(at.magic)
  if (magic !== 2) throw corrupt(`the record batch has magic ${magic}, only 2 is supported`)
  const sizeInBytes = recordBatchSize(view, 0)
  if (sizeInBytes < recordBatchHeaderBytes)
    throw corrupt(`the record batch is ${sizeInBytes} bytes long, shorter than its header`)
  if (sizeInBytes > bytes.length - start)
    throw corrupt(`the record batch is cut off: it is ${sizeInBytes} bytes long, here are ${bytes.length - start}`)
  const attributes = view.getInt16(at.attributes)
  const baseOffset = readInt64(view, at.baseOffset, inexact)
  const lastOffsetDelta = view.getInt32(at.lastOffsetDelta)
  return {
    baseOffset,
    sizeInBytes,
    partitionLeaderEpoch: view.getInt32(at.partitionLeaderEpoch),
    magic,
    crc: view.getUint32(at.crc),
    attributes,
    compressionType: attributes & 0x07,
    timestampType: attributes & timestampTypeBit ? 'logAppendTime' : 'createTime',
    isTransactional: (attributes & transactionalBit) !== 0,
    isControl: (attributes & controlBit) !== 0,
    lastOffsetDelta,
    lastOffset: lastOffsetOf(baseOffset, lastOffsetDelta),
    baseTimestamp: readInt64(view, at.baseTimestamp, inexact),
    maxTimestamp: readInt64(view, at.maxTimestamp, inexact),
    producerId: readInt64(view, at.producerId, inexact),
    producerEpoch: view.getInt16(at.producerEpoch),
    baseSequence: view.getInt32(at.baseSequence),
    recordsCount: view.getInt32(at.recordsCount),
  }
}

/** The producer id of a batch that may turn out to be malformed; −1 when it has none, or one beyond 2^53 - 1. */
export function producerIdOf(batch: Uint8Array): number {
  if (batch.length < recordBatchHeaderBytes) return -1
  const producerId = Number(viewOf(batch).getBigInt64(at.producerId))
  return Number.isSafeInteger(producerId) ? producerId : -1
}

/** @throws KafkaError CORRUPT_MESSAGE when the batch does not match its checksum */
export function verifyChecksum(bytes: Uint8Array, header: RecordBatchHeader, start = 0): void {
  const found = crc32c(bytes, start + at.attributes, start + header.sizeInBytes)
  if (found === header.crc) return
  throw corrupt(
    `the record batch at offset ${header.baseOffset} says checksum ${hex(header.crc)}, ` +
      `but its bytes have ${hex(found)}`,
  )
}

/** The size of a batch as its header states it; the first `batchOverheadBytes` have to be present. */
export function recordBatchSize(view: DataView, start: number): number {
  return view.getInt32(start + at.batchLength) + batchOverheadBytes
}

/**
 * How many of the bytes are whole batches with right checksums, and the offset after the last of them; −1 when there is
 * none.
 *
 * @param place the place in a log: then offsets must start there, ascend, and stay before its end
 */
export function soundRecordBatches(
  bytes: Uint8Array,
  place?: { readonly fromOffset: number; readonly untilOffset: number },
): { readonly soundBytes: number; readonly endOffset: number } {
  const view = viewOf(bytes)
  let [position, last, nextOffset] = [0, -1, 0]
  while (bytes.length - position >= recordBatchHeaderBytes) {
    const end = position + recordBatchSize(view, position)
    const isWhole =
      end - position >= recordBatchHeaderBytes && end <= bytes.length && view.getInt8(position + at.magic) === 2
    if (!isWhole || crc32c(bytes, position + at.attributes, end) !== view.getUint32(position + at.crc)) break
    if (place) {
      const baseOffset = readInt64(view, position + at.baseOffset, inexact)
      const lastOffset = baseOffset + view.getInt32(position + at.lastOffsetDelta)
      const isPlaced = last < 0 ? lastOffset >= place.fromOffset : baseOffset >= nextOffset
      if (!isPlaced || lastOffset >= place.untilOffset) break
      nextOffset = lastOffset + 1
    }
    ;[last, position] = [position, end]
  }
  if (last < 0) return { soundBytes: position, endOffset: -1 }
  const lastOffset = lastOffsetOf(
    readInt64(view, last + at.baseOffset, inexact),
    view.getInt32(last + at.lastOffsetDelta),
  )
  return { soundBytes: position, endOffset: lastOffset + 1 }
}

/** The offset after the last of several whole batches, found by their lengths alone; −1 when there is none. */
export function endOffsetOf(batches: Uint8Array): number {
  const view = viewOf(batches)
  let [position, last] = [0, -1]
  while (batches.length - position >= recordBatchHeaderBytes) {
    const end = position + recordBatchSize(view, position)
    if (end - position < recordBatchHeaderBytes || end > batches.length) break
    ;[last, position] = [position, end]
  }
  return last < 0 ? -1 : readInt64(view, last + at.baseOffset, inexact) + view.getInt32(last + at.lastOffsetDelta) + 1
}

/** @throws KafkaError CORRUPT_MESSAGE when the last offset, or the one after it, is no longer exact */
function lastOffsetOf(baseOffset: number, lastOffsetDelta: number): number {
  const lastOffset = baseOffset + lastOffsetDelta
  if (lastOffset < Number.MAX_SAFE_INTEGER && lastOffset >= -Number.MAX_SAFE_INTEGER) return lastOffset
  throw corrupt(
    `the record batch at offset ${baseOffset} has the last offset delta ${lastOffsetDelta}, ` +
      'which leads beyond 2^53 - 1',
  )
}

function hex(crc: number): string {
  return `0x${crc.toString(16).padStart(8, '0')}`
}

function inexact(value: bigint): Error {
  return corrupt(`the 64-bit number ${value} in a record batch is beyond 2^53 - 1 and would be rounded`)
}
