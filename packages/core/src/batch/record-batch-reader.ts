import { decompress } from './compression/compression.ts'
import { corrupt } from './format/corrupt.ts'
import {
  readRecordBatchHeader,
  recordBatchSize,
  type RecordBatchHeader,
  verifyChecksum,
} from './format/read-record-batch-header.ts'
import { recordBatchHeaderBytes } from './format/record-batch-header.ts'
import { VarintReader } from './format/varint-reader.ts'

/**
 * Gets the places of the parts of one record in `bytes`. A start of −1 means null. It is called once per record with
 * plain numbers, so that a record nobody looks at allocates nothing.
 */
export type RecordVisitor = (
  bytes: Uint8Array,
  offset: number,
  timestamp: number,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
  headersStart: number,
  headersCount: number,
  recordStart: number,
  recordEnd: number,
) => void

/** A batch with unpacked records. */
export interface UnpackedRecordBatch {
  readonly header: RecordBatchHeader
  /** The bytes that contain the records: the fetched or the decompressed ones. */
  readonly bytes: Uint8Array
  readonly recordsStart: number
  readonly recordsEnd: number
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

/**
 * Visits the records of a batch.
 *
 * @throws KafkaError CORRUPT_MESSAGE when lengths and counts contradict each other; it never reads beyond the batch
 */
export function readRecords(unpacked: UnpackedRecordBatch, visit: RecordVisitor): void {
  new RecordWalk(unpacked).visit(visit, unpacked.header.recordsCount)
}

/** An interruptible walk over the records of a batch. */
export class RecordWalk {
  readonly #batch: UnpackedRecordBatch
  readonly #reader: VarintReader
  #index = 0

  constructor(batch: UnpackedRecordBatch) {
    this.#batch = batch
    this.#reader = new VarintReader(batch.bytes, batch.recordsStart, batch.recordsEnd)
  }

  /**
   * Visits the next records, at most `most`.
   *
   * @returns whether more records follow
   * @throws KafkaError CORRUPT_MESSAGE as `readRecords` does
   */
  visit(visit: RecordVisitor, most: number): boolean {
    const { header, bytes, recordsEnd } = this.#batch
    const reader = this.#reader
    const isAppendTime = header.timestampType === 'logAppendTime'
    const end = Math.min(this.#index + most, header.recordsCount)
    for (let index = this.#index; index < end; index++) {
      const recordStart = reader.position
      const length = reader.int32()
      const recordEnd = reader.position + length
      if (length < 0 || recordEnd > recordsEnd)
        throw corrupt(`record ${index} of the batch at offset ${header.baseOffset} reaches beyond the batch`)
      reader.position++
      const timestamp = header.baseTimestamp + reader.varint()
      const offset = header.baseOffset + reader.int32()
      const keyLength = reader.int32()
      const keyStart = keyLength < 0 ? -1 : reader.skip(keyLength, recordEnd)
      const keyEnd = reader.position
      const valueLength = reader.int32()
      const valueStart = valueLength < 0 ? -1 : reader.skip(valueLength, recordEnd)
      const valueEnd = reader.position
      const headersCount = reader.int32()
      if (headersCount < 0 || reader.position > recordEnd)
        throw corrupt(`record ${index} of the batch at offset ${header.baseOffset} is malformed`)
      const headersStart = reader.position
      if (headersCount === 0 && headersStart !== recordEnd)
        throw corrupt(
          `record ${index} of the batch at offset ${header.baseOffset} has ${recordEnd - headersStart} bytes too many`,
        )
      visit(
        bytes,
        offset,
        isAppendTime ? header.maxTimestamp : timestamp,
        keyStart,
        keyEnd,
        valueStart,
        valueEnd,
        headersStart,
        headersCount,
        recordStart,
        recordEnd,
      )
      reader.position = recordEnd
    }
    this.#index = end
    if (end < header.recordsCount) return true
    if (reader.position === recordsEnd) return false
    throw corrupt(`the batch at offset ${header.baseOffset} has bytes after its ${header.recordsCount} records`)
  }
}
