import { decodeField, KafkaRecord, type RecordSource } from './kafka-record.ts'
import type { UnpackedRecordBatch } from '../batch/record-batch-reader.ts'
import { readRecords } from '../batch/record-walk.ts'

/** How many numbers are kept of a record. */
const numbersOfRecord = 8

/**
 * The records of a batch, each made when somebody asks for it. Until then a record is a few numbers in a list that all
 * share. Only this file knows their order.
 */
export class UnreadRecords<V, K> {
  readonly source: RecordSource<V, K>
  readonly length: number
  readonly #bytes: Uint8Array
  /**
   * A list, as small batches come by the thousand where there are many partitions, and an array of bytes takes as long
   * to make as ten records.
   */
  readonly #places: readonly number[]

  /**
   * @param from skips records before this offset
   * @throws KafkaError CORRUPT_MESSAGE as `readRecords` does
   */
  constructor(unpacked: UnpackedRecordBatch, source: RecordSource<V, K>, from = 0) {
    const places: number[] = []
    readRecords(unpacked, (_, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
      // The timestamp comes first, as the list would be made again for its first large number.
      if (offset >= from)
        places.push(timestamp, offset, keyStart, keyEnd, valueStart, valueEnd, headersStart, count)
    })
    this.source = source
    this.length = places.length / numbersOfRecord
    this.#bytes = unpacked.bytes
    this.#places = places
  }

  offsetAt(index: number): number {
    return this.#places[index * numbersOfRecord + 1] as number
  }

  /** Makes a record: another one at each call. */
  recordAt(index: number): KafkaRecord<V, K> {
    const places = this.#places
    const at = index * numbersOfRecord
    return new KafkaRecord(
      this.source,
      this.#bytes,
      places[at + 1] as number,
      places[at] as number,
      places[at + 2] as number,
      places[at + 3] as number,
      places[at + 4] as number,
      places[at + 5] as number,
      places[at + 6] as number,
      places[at + 7] as number,
    )
  }

  /** The value of a record, which is not made for it. @throws SerializationError when it cannot be decoded */
  valueAt(index: number): V {
    const { source } = this
    const places = this.#places
    const at = index * numbersOfRecord
    const [start, end] = [places[at + 4] as number, places[at + 5] as number]
    return decodeField(source.valueSerde, this.#bytes, start, end, source, this.offsetAt(index), 'value') as V
  }
}
