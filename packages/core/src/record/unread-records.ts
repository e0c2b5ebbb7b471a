import { decodeField, KafkaRecord, type RecordSource } from './kafka-record.ts'
import type { UnpackedRecordBatch } from '../batch/record-batch-reader.ts'
import { readRecords } from '../batch/record-walk.ts'

/** How many numbers are kept of a record, apart from its timestamp. */
const numbersOfRecord = 7

/**
 * The records of a batch, each made when somebody asks for it. Until then a record is a few numbers in lists that all
 * share. Only this file knows their order.
 */
export class UnreadRecords<V, K> {
  readonly source: RecordSource<V, K>
  readonly length: number
  readonly #bytes: Uint8Array
  readonly #baseOffset: number
  /**
   * A list, as small batches come by the thousand where there are many partitions, and an array of bytes takes as long
   * to make as ten records. It has small whole numbers only: a record would hold others in objects of their own.
   */
  readonly #places: readonly number[]
  readonly #timestamps: readonly number[]

  /**
   * @param from skips records before this offset
   * @throws KafkaError CORRUPT_MESSAGE as `readRecords` does
   */
  constructor(unpacked: UnpackedRecordBatch, source: RecordSource<V, K>, from = 0) {
    const { baseOffset } = unpacked.header
    const places: number[] = []
    const timestamps: number[] = []
    readRecords(unpacked, (_, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
      if (offset < from) return
      places.push(offset - baseOffset, keyStart, keyEnd, valueStart, valueEnd, headersStart, count)
      timestamps.push(timestamp)
    })
    this.source = source
    this.length = timestamps.length
    this.#bytes = unpacked.bytes
    this.#baseOffset = baseOffset
    this.#places = places
    this.#timestamps = timestamps
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
    const at = index * numbersOfRecord
    const [start, end] = [this.#places[at + 3] as number, this.#places[at + 4] as number]
    return decodeField(source.valueSerde, this.#bytes, start, end, source, this.offsetAt(index), 'value') as V
  }
}
