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
 * Where the parts of one record lie in `bytes`. A start of −1 is null. Called once a record with plain numbers, so that
 * nothing is allocated for a record that nobody looks at.
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

/** A batch with its records unpacked. */
export interface UnpackedRecordBatch {
  readonly header: RecordBatchHeader
  /** The bytes the records lie in: those fetched, or the decompressed ones. */
  readonly bytes: Uint8Array
  readonly recordsStart: number
  readonly recordsEnd: number
}

/**
 * The longest that the records of one batch may become when they are decompressed, unless the reader says otherwise.
 */
export const defaultMaxDecompressedBytes: number = 128 * 1024 * 1024

/**
 * The batches that lie back to back in `bytes`, with headers read and checksums verified. A batch that is cut off at
 * the end is left out, as a broker may cut its answer at a byte limit.
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
 * Decompresses the records of a batch where they are compressed. A promise only where the codec needs one.
 *
 * @param beside whether the event loop may go on meanwhile, where the codec can do that: for batches that may be large
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
 * Walks over the records of a batch.
 *
 * @throws KafkaError CORRUPT_MESSAGE when lengths and counts do not add up; nothing is read beyond the batch
 */
export function readRecords(unpacked: UnpackedRecordBatch, visit: RecordVisitor): void {
  new RecordWalk(unpacked).visit(visit, unpacked.header.recordsCount)
}

/** A walk over the records of a batch, which can be interrupted. */
export class RecordWalk {
  readonly #batch: UnpackedRecordBatch
  readonly #reader: VarintReader
  #index = 0

  constructor(batch: UnpackedRecordBatch) {
    this.#batch = batch
    this.#reader = new VarintReader(batch.bytes, batch.recordsStart, batch.recordsEnd)
  }

  /**
   * Visits the next records, at most so many.
   *
   * @returns whether more are to come
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
