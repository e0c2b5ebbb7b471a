import { corrupt } from './format/corrupt.ts'
import type { RecordBatchHeader } from './format/read-record-batch-header.ts'
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

/** Uncompressed records, and the fields of their batch's header that reading them needs. */
export interface RecordsInBytes {
  readonly header: Pick<
    RecordBatchHeader,
    'baseOffset' | 'baseTimestamp' | 'maxTimestamp' | 'timestampType' | 'recordsCount'
  >
  /** The bytes that contain the records: the fetched ones or the decompressed ones. */
  readonly bytes: Uint8Array
  readonly recordsStart: number
  readonly recordsEnd: number
}

/**
 * Visits the records of a batch.
 *
 * @throws KafkaError CORRUPT_MESSAGE when lengths and counts contradict each other; it never reads beyond the batch
 */
export function readRecords(unpacked: RecordsInBytes, visit: RecordVisitor): void {
  new RecordWalk(unpacked).visit(visit, unpacked.header.recordsCount)
}

/** An interruptible walk over the records of a batch. */
export class RecordWalk {
  readonly #batch: RecordsInBytes
  readonly #reader: VarintReader
  #index = 0

  constructor(batch: RecordsInBytes) {
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
