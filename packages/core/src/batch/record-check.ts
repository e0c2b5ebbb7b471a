import { corrupt } from './format/corrupt.ts'
import type { UnpackedRecordBatch } from './record-batch-reader.ts'
import { type RecordVisitor, RecordWalk } from './record-walk.ts'
import { VarintReader } from './format/varint-reader.ts'

/** Stands for the timestamp of a record without one. */
const noTimestamp = -1
/** The encoded length −1. */
const minusOne = 1

/**
 * Checks that the records of a batch match its header: count and offsets, all lengths down to the headers', and that
 * the records fill the batch exactly. Anyone who stores batches for others needs this. It reads only lengths and
 * decodes nothing.
 */
export class RecordCheck {
  readonly #walk: RecordWalk
  readonly #lengths: VarintReader
  readonly #baseOffset: number
  readonly #visitor: RecordVisitor
  #count = 0
  /** The greatest timestamp; −1 when no record has one. */
  maxTimestamp: number = noTimestamp
  /** The least timestamp; Infinity when no record has one. */
  minTimestamp: number = Number.POSITIVE_INFINITY
  /** Whether a record has no key. */
  lacksKey = false

  /** @param batch with the records' own timestamps, so not with the append time */
  constructor(batch: UnpackedRecordBatch) {
    this.#walk = new RecordWalk(batch)
    this.#lengths = new VarintReader(batch.bytes, batch.recordsStart, batch.recordsEnd)
    this.#baseOffset = batch.header.baseOffset
    this.#visitor = (
      bytes,
      offset,
      timestamp,
      keyStart,
      keyEnd,
      valueStart,
      _valueEnd,
      headersStart,
      count,
      _,
      end,
    ) => {
      const expected = this.#baseOffset + this.#count++
      if (offset !== expected) throw corrupt(`a record has the offset ${offset}, where ${expected} comes next`)
      if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp
      if (timestamp < this.minTimestamp && timestamp !== noTimestamp) this.minTimestamp = timestamp
      if (keyStart < 0) {
        this.lacksKey = true
        // Readers take every negative length for null. −1 is one byte, and the byte before it must end a number.
        if (bytes[keyEnd - 1] !== minusOne || (bytes[keyEnd - 2] as number) >= 0x80) throw wrongLength('key')
      }
      if (valueStart < 0 && this.#lengthAt(keyEnd) !== -1) throw wrongLength('value')
      if (count > 0) this.#checkHeaders(headersStart, count, end)
    }
  }

  /**
   * Checks the next records, at most `most`.
   *
   * @returns whether more records follow
   * @throws KafkaError CORRUPT_MESSAGE
   */
  next(most: number): boolean {
    if (this.#walk.visit(this.#visitor, most)) return true
    if (
      Number.isSafeInteger(this.maxTimestamp) &&
      (this.minTimestamp === Infinity || Number.isSafeInteger(this.minTimestamp))
    )
      return false
    throw corrupt('a timestamp in a record is beyond 2^53 - 1 and would be rounded')
  }

  #lengthAt(position: number): number {
    this.#lengths.position = position
    return this.#lengths.int32()
  }

  #checkHeaders(start: number, count: number, end: number): void {
    const headers = this.#lengths
    headers.position = start
    for (let index = 0; index < count; index++) {
      headers.skip(headers.int32(), end)
      const valueLength = headers.int32()
      if (valueLength !== -1) headers.skip(valueLength, end)
    }
    if (headers.position !== end)
      throw corrupt(
        `the ${count} headers of a record end ${Math.abs(end - headers.position)} bytes from the end of the record`,
      )
  }
}

function wrongLength(what: string): Error {
  return corrupt(`the ${what} of a record has a negative length other than -1, which is null`)
}
