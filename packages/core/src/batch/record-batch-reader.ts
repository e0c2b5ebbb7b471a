import { decompress } from './compression/compression.ts'
import {
  readRecordBatchHeader,
  recordBatchSize,
  type RecordBatchHeader,
  verifyChecksum,
} from './format/read-record-batch-header.ts'
import { recordBatchHeaderBytes } from './format/record-batch-header.ts'
import type { RecordsInBytes } from './record-walk.ts'

/** A batch with unpacked records. */
export interface UnpackedRecordBatch extends RecordsInBytes {
  readonly header: RecordBatchHeader
}

/** The longest that the records of one batch may become by decompression, unless the reader sets another limit. */
export const defaultMaxDecompressedBytes: number = 128 * 1024 * 1024

/**
 * The batches that lie back to back in `bytes`, with headers read and checksums verified. Skips an incomplete batch at
 * the end, as a broker may cut its answer at a byte limit.
 *
 * @throws KafkaError CORRUPT_MESSAGE
 */
export function* recordBatchesIn(bytes: Uint8Array): Generator<{ header: RecordBatchHeader; batch: Uint8Array }> {
  let position = 0
  while (bytes.length - position >= recordBatchHeaderBytes) {
    const length = recordBatchSize(new DataView(bytes.buffer, bytes.byteOffset), position)
    if (length > bytes.length - position) return
    const header = readRecordBatchHeader(bytes, position)
    verifyChecksum(bytes, header, position)
    yield { header, batch: bytes.subarray(position, position + header.sizeInBytes) }
    position += header.sizeInBytes
  }
}

/**
 * Decompresses the records of a batch if they are compressed. Returns a promise only if the codec does.
 *
 * @param beside whether the event loop may continue meanwhile, if the codec can do that; for batches that may be large
 * @throws KafkaError CORRUPT_MESSAGE; its cause is an UncompressedTooLong when the records are longer than
 *   `maxDecompressedBytes`
 */
export function unpackRecordBatch(
  batch: Uint8Array,
  header: RecordBatchHeader,
  maxDecompressedBytes: number = defaultMaxDecompressedBytes,
  beside = false,
): UnpackedRecordBatch | Promise<UnpackedRecordBatch> {
  if (header.compressionType === 0) {
    return { header, bytes: batch, recordsStart: recordBatchHeaderBytes, recordsEnd: header.sizeInBytes }
  }
  const packed = batch.subarray(recordBatchHeaderBytes, header.sizeInBytes)
  const unpacked = decompress(header.compressionType, packed, maxDecompressedBytes, beside)
  const wrap = (bytes: Uint8Array): UnpackedRecordBatch => ({
    header,
    bytes,
    recordsStart: 0,
    recordsEnd: bytes.length,
  })
  return unpacked instanceof Uint8Array ? wrap(unpacked) : unpacked.then(wrap)
}
