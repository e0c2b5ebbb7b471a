import { decompress } from './compression.ts'
import {
  corrupt,
  readRecordBatchHeader,
  recordBatchHeaderBytes,
  type RecordBatchHeader,
  verifyChecksum,
} from './record-batch-header.ts'

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

/** The longest that the records of one batch may become when they are decompressed, unless the reader says otherwise. */
const defaultMaxDecompressedBytes: number = 128 * 1024 * 1024

/**
 * The batches that lie back to back in `bytes`, with headers read and checksums verified. A batch that is cut off at the end
 * is left out, as a broker may cut its answer at a byte limit.
 *
 * @throws KafkaError CORRUPT_MESSAGE
 */
export function* recordBatchesIn(bytes: Uint8Array): Generator<{ header: RecordBatchHeader; batch: Uint8Array }> {
  let position = 0
  while (bytes.length - position >= recordBatchHeaderBytes) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + position).getInt32(8) + 12
    if (length > bytes.length - position) return
    const header = readRecordBatchHeader(bytes, position)
    verifyChecksum(bytes, header, position)
    yield { header, batch: bytes.subarray(position, position + header.sizeInBytes) }
    position += header.sizeInBytes
  }
}

/** Decompresses the records of a batch where they are compressed. A promise only where the codec needs one. */
export function unpackRecordBatch(
  batch: Uint8Array,
  header: RecordBatchHeader,
  maxDecompressedBytes: number = defaultMaxDecompressedBytes,
): UnpackedRecordBatch | Promise<UnpackedRecordBatch> {
  if (header.compressionType === 0) {
    return { header, bytes: batch, recordsStart: recordBatchHeaderBytes, recordsEnd: header.sizeInBytes }
  }
  const packed = batch.subarray(recordBatchHeaderBytes, header.sizeInBytes)
  const unpacked = decompress(header.compressionType, packed, maxDecompressedBytes)
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
export function readRecords(
  { header, bytes, recordsStart, recordsEnd }: UnpackedRecordBatch,
  visit: RecordVisitor,
): void {
  const reader = new VarintReader(bytes, recordsStart, recordsEnd)
  const isAppendTime = header.timestampType === 'logAppendTime'
  for (let index = 0; index < header.recordsCount; index++) {
    const recordStart = reader.position
    const length = reader.varint()
    const recordEnd = reader.position + length
    if (length < 0 || recordEnd > recordsEnd)
      throw corrupt(`record ${index} of the batch at offset ${header.baseOffset} reaches beyond the batch`)
    reader.position++
    const timestamp = header.baseTimestamp + reader.varint()
    const offset = header.baseOffset + reader.varint()
    const keyLength = reader.varint()
    const keyStart = keyLength < 0 ? -1 : reader.skip(keyLength, recordEnd)
    const keyEnd = reader.position
    const valueLength = reader.varint()
    const valueStart = valueLength < 0 ? -1 : reader.skip(valueLength, recordEnd)
    const valueEnd = reader.position
    const headersCount = reader.varint()
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
  if (reader.position !== recordsEnd)
    throw corrupt(`the batch at offset ${header.baseOffset} has bytes after its ${header.recordsCount} records`)
}

/** The headers of a record, in their order, with nulls and doubled names as they were sent. */
export function readHeaders(
  bytes: Uint8Array,
  start: number,
  count: number,
): [name: string, value: Uint8Array | null][] {
  const reader = new VarintReader(bytes, start, bytes.length)
  const headers: [string, Uint8Array | null][] = []
  for (let index = 0; index < count; index++) {
    const nameLength = reader.varint()
    const nameStart = reader.skip(nameLength, bytes.length)
    const name = decoder.decode(bytes.subarray(nameStart, nameStart + nameLength))
    const valueLength = reader.varint()
    const valueStart = valueLength < 0 ? -1 : reader.skip(valueLength, bytes.length)
    headers.push([name, valueLength < 0 ? null : bytes.subarray(valueStart, valueStart + valueLength)])
  }
  return headers
}

const decoder = new TextDecoder()

class VarintReader {
  position: number
  readonly #bytes: Uint8Array
  readonly #end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.position = start
    this.#end = end
  }

  varint(): number {
    const first = this.#byte()
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let low = first & 0x7f
    let shift = 7
    while (shift < 28) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
      shift += 7
    }
    return this.#long(low)
  }

  /** Steps over `length` bytes, which must end within the record; returns where they begin. */
  skip(length: number, end: number): number {
    const start = this.position
    if (length < 0 || start + length > end) throw corrupt(`a field of ${length} bytes reaches beyond its record`)
    this.position = start + length
    return start
  }

  #byte(): number {
    if (this.position >= this.#end) throw corrupt('the records end in the middle of a number')
    return this.#bytes[this.position++] as number
  }

  #long(low: number): number {
    let zigzag = BigInt(low)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      zigzag |= BigInt(byte & 0x7f) << shift
      if (byte >= 0x80) continue
      const value = Number((zigzag >> 1n) ^ -(zigzag & 1n))
      if (Number.isSafeInteger(value)) return value
      throw corrupt('a number in a record is beyond 2^53 - 1 and would be rounded')
    }
    throw corrupt('a number in a record has more than ten bytes')
  }
}
