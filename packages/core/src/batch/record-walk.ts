import { corrupt } from './format/corrupt.ts'
import type { RecordBatchHeader } from './format/read-record-batch-header.ts'
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

/** Records that are not compressed, and what of their batch they are to be read with. */
export interface RecordsInBytes {
  readonly header: Pick<
    RecordBatchHeader,
    'baseOffset' | 'baseTimestamp' | 'maxTimestamp' | 'timestampType' | 'recordsCount'
  >
  /** The bytes the records lie in: those fetched, the decompressed ones, or those of a builder. */
  readonly bytes: Uint8Array
  readonly recordsStart: number
  readonly recordsEnd: number
}

/**
 * Walks over the records of a batch.
 *
 * @throws KafkaError CORRUPT_MESSAGE when lengths and counts do not add up; nothing is read beyond the batch
 */
export function readRecords(unpacked: RecordsInBytes, visit: RecordVisitor): void {
  new RecordWalk(unpacked).visit(visit, unpacked.header.recordsCount)
}

/** A walk over the records of a batch, which can be interrupted. */
export class RecordWalk {
  readonly #batch: RecordsInBytes
  readonly #reader: VarintReader
  #index = 0

  constructor(batch: RecordsInBytes) {
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
