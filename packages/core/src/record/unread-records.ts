import { decodeField, KafkaRecord, type RecordSource } from './kafka-record.ts'
import type { UnpackedRecordBatch } from '../batch/record-batch-reader.ts'
import { readRecords } from '../batch/record-walk.ts'

/** The numbers that are kept of a record. */
const numbersOfRecord = 7
/** A record has at least its length, attributes, timestamp, offset, two lengths and a count, of a byte each. */
const leastBytesOfRecord = 7

/**
 * The records of a batch, each made when somebody asks for it. Until then a record is a few numbers in a list that all
 * share. Only this file knows their order.
 */
export class UnreadRecords<V, K> {
  readonly source: RecordSource<V, K>
  readonly #bytes: Uint8Array
  readonly #baseOffset: number
  readonly #places: Int32Array
  readonly #timestamps: Float64Array
  #length = 0

  /**
   * @param from skips records before this offset
   * @throws KafkaError CORRUPT_MESSAGE as `readRecords` does
   */
  constructor(unpacked: UnpackedRecordBatch, source: RecordSource<V, K>, from = 0) {
    const { bytes, recordsStart, recordsEnd, header } = unpacked
    const { baseOffset, recordsCount } = header
    this.source = source
    this.#bytes = bytes
    this.#baseOffset = baseOffset
    // A count that is too large is refused further on, and must not take memory before.
    const most = Math.max(0, Math.min(recordsCount, Math.floor((recordsEnd - recordsStart) / leastBytesOfRecord)))
    const places = (this.#places = new Int32Array(most * numbersOfRecord))
    const timestamps = (this.#timestamps = new Float64Array(most))
    let length = 0
    readRecords(unpacked, (_bytes, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
      if (offset < from) return
      const at = length * numbersOfRecord
      places[at] = offset - baseOffset
      places[at + 1] = keyStart
      places[at + 2] = keyEnd
      places[at + 3] = valueStart
      places[at + 4] = valueEnd
      places[at + 5] = headersStart
      places[at + 6] = count
      timestamps[length++] = timestamp
    })
    this.#length = length
  }

  get length(): number {
    return this.#length
  }

  offsetAt(index: number): number {
    return this.#baseOffset + (this.#places[index * numbersOfRecord] as number)
  }

  /** Makes a record: another one at each call. */
  recordAt(index: number): KafkaRecord<V, K> {
    const places = this.#places
    const at = index * numbersOfRecord
    return new KafkaRecord(
      this.source,
      this.#bytes,
      this.#baseOffset + (places[at] as number),
      this.#timestamps[index] as number,
      places[at + 1] as number,
      places[at + 2] as number,
      places[at + 3] as number,
      places[at + 4] as number,
      places[at + 5] as number,
      places[at + 6] as number,
    )
  }

  /** The value of a record, which is not made for it. @throws SerializationError when it cannot be decoded */
  valueAt(index: number): V {
    const { source } = this
    const places = this.#places
    const at = index * numbersOfRecord
    const [start, end] = [places[at + 3] as number, places[at + 4] as number]
    const offset = this.#baseOffset + (places[at] as number)
    return decodeField(source.valueSerde, this.#bytes, start, end, source, offset, 'value') as V
  }
}
