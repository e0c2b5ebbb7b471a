import { allocate, writeText } from '#text-memory'
import { showTyped } from '../config/show-value.ts'
import { InvalidRequestError } from '../errors/kafka-error.ts'
import { compress, type CompressionType, compressionTypes } from './compression/compression.ts'
import { attributesOf, recordBatchHeaderBytes, writeRecordBatchHeader } from './format/record-batch-header.ts'
import { encodeText, type RecordContent, requireContent } from './format/record-content.ts'
import { recordHeadBytes, varintBytes, writeVarint } from './format/varint.ts'

export interface RecordBatchOptions {
  readonly compression?: CompressionType
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  readonly baseOffset?: number
  readonly partitionLeaderEpoch?: number
}

/** For fewer characters, a loop over character codes is faster than a call out of JavaScript. */
const shortText = 24

/**
 * Collects records in one growing buffer that already has the form of a RecordBatch v2, so an uncompressed batch is
 * never copied.
 *
 * The length of a record precedes its strings, but is known only once they are encoded. So every string is first
 * assumed to be ASCII, where the length is known. The rare record that turns out longer is written again.
 */
export class RecordBatchBuilder {
  #bytes: Uint8Array
  #position = recordBatchHeaderBytes
  #count = 0
  #baseTimestamp = 0
  #maxTimestamp = -1

  /** @param initialCapacity the first size of the buffer in bytes; it doubles when full */
  constructor(initialCapacity = 1024) {
    this.#bytes = allocate(Math.max(initialCapacity, recordBatchHeaderBytes))
  }

  get count(): number {
    return this.#count
  }

  /** The size of the batch so far, before compression. */
  get sizeInBytes(): number {
    return this.#position
  }

  /**
   * Adds a record. If it throws, for whatever reason, the batch is unchanged.
   *
   * @throws InvalidRequestError that names the part that cannot be written
   */
  append(record: RecordContent): void {
    const { timestamp } = record
    const baseTimestamp = this.#count === 0 ? timestamp : this.#baseTimestamp
    if (!Number.isSafeInteger(timestamp) || !Number.isSafeInteger(timestamp - baseTimestamp))
      throw new InvalidRequestError(
        `timestamp ${String(timestamp)} is not a whole number of milliseconds within 2^53 - 1`,
      )
    const fields = fieldsOf(record)
    const start = this.#position
    try {
      if (!this.#write(timestamp - baseTimestamp, fields)) {
        this.#position = start
        this.#write(timestamp - baseTimestamp, fields.map(encoded))
      }
    } catch (error) {
      this.#position = start
      throw error
    }
    this.#added(timestamp, baseTimestamp)
  }

  /** Adds a record with the bytes that its key, value and headers have in another batch. */
  appendWritten(timestamp: number, content: Uint8Array): void {
    const baseTimestamp = this.#count === 0 ? timestamp : this.#baseTimestamp
    this.#writeHead(timestamp - baseTimestamp, content.length)
    this.#field(content, content.length)
    this.#added(timestamp, baseTimestamp)
  }

  /** The bytes so far, with room for the header in front, and the time that timestamps count from. */
  written(): { bytes: Uint8Array; baseTimestamp: number } {
    return { bytes: this.#bytes, baseTimestamp: this.#baseTimestamp }
  }

  /**
   * Ends the batch: compresses, writes the header and the checksum. Do not use the builder afterwards, because an
   * uncompressed batch is its buffer. Returns a promise only if the codec does.
   */
  build(options: RecordBatchOptions = {}): Uint8Array | Promise<Uint8Array> {
    const { compression = 'none' } = options
    if (compression === 'none') return this.#finish(this.#written(0), options)
    const packed = compress(compression, this.#written(recordBatchHeaderBytes))
    const finish = (records: Uint8Array): Uint8Array => {
      const batch = new Uint8Array(recordBatchHeaderBytes + records.length)
      batch.set(records, recordBatchHeaderBytes)
      return this.#finish(batch, options)
    }
    return packed instanceof Uint8Array ? finish(packed) : packed.then(finish)
  }

  #finish(batch: Uint8Array, options: RecordBatchOptions): Uint8Array {
    const { compression = 'none', isTransactional = false, isControl = false } = options
    writeRecordBatchHeader(batch, {
      baseOffset: options.baseOffset ?? 0,
      partitionLeaderEpoch: options.partitionLeaderEpoch ?? -1,
      attributes: attributesOf(compressionTypes.indexOf(compression), isTransactional, isControl),
      lastOffsetDelta: this.#count - 1,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
      producerId: options.producerId ?? -1,
      producerEpoch: options.producerEpoch ?? -1,
      baseSequence: options.baseSequence ?? -1,
      recordsCount: this.#count,
    })
    return batch
  }

  #added(timestamp: number, baseTimestamp: number): void {
    this.#baseTimestamp = baseTimestamp
    this.#count++
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
  }

  /** Whether the record was written; false when a string was not ASCII, so that the assumed length was wrong. */
  #write(timestampDelta: number, fields: readonly Field[]): boolean {
    // Bytes of another thread may grow meanwhile, so each length is read once.
    const lengths = fields.map((content) => (content === null ? -1 : content.length))
    const headersCount = fields.length / 2 - 1
    let contentBytes = varintBytes(headersCount)
    for (const one of lengths) contentBytes += varintBytes(one) + Math.max(one, 0)
    this.#writeHead(timestampDelta, contentBytes)
    for (let index = 0; index < fields.length; index++) {
      const length = lengths[index] as number
      this.#varint(length)
      if (!this.#field(fields[index] as Field, length)) return false
      if (index === 1) this.#varint(headersCount)
    }
    return true
  }

  /**
   * Makes room for a record and writes its length, attributes, timestamp and offset.
   *
   * @param contentBytes of its key, value and headers, if their text is ASCII
   */
  #writeHead(timestampDelta: number, contentBytes: number): void {
    const headBytes = recordHeadBytes(timestampDelta, this.#count)
    // A string can take three bytes a character, and without enough room it would be cut silently.
    this.#reserve(headBytes + 3 * contentBytes + 10)
    this.#varint(headBytes + contentBytes)
    this.#bytes[this.#position++] = 0
    this.#varint(timestampDelta)
    this.#varint(this.#count)
  }

  #field(content: Field, length: number): boolean {
    if (content === null) return true
    if (typeof content !== 'string') {
      // If another thread enlarges the buffer at this moment, copy only as much as the length says.
      this.#bytes.set(content, this.#position)
      this.#position += length
      return true
    }
    if (length < shortText) return this.#ascii(content)
    const written = writeText(this.#bytes, content, this.#position)
    this.#position += written
    return written === length
  }

  #ascii(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      this.#bytes[this.#position++] = code
    }
    return true
  }

  #varint(value: number): void {
    this.#position = writeVarint(this.#bytes, this.#position, value)
  }

  /** As a plain Uint8Array: a Buffer's `slice` does not copy. */
  #written(start: number): Uint8Array {
    const { buffer, byteOffset } = this.#bytes
    return new Uint8Array(buffer, byteOffset + start, this.#position - start)
  }

  #reserve(length: number): void {
    const needed = this.#position + length
    if (needed <= this.#bytes.length) return
    const grown = allocate(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#position))
    this.#bytes = grown
  }
}

type Field = string | Uint8Array | null

/**
 * The key, the value, and the name and value of each header.
 *
 * @throws InvalidRequestError that names the one that cannot be written
 */
function fieldsOf({ key, value, headers }: RecordContent): Field[] {
  requireContent('the key', key)
  requireContent('the value', value)
  const fields: Field[] = [key, value]
  for (const [name, content] of headers) {
    if (typeof name !== 'string')
      throw new InvalidRequestError(`the name of a header must be a string, got ${showTyped(name)}`)
    if (typeof content !== 'string') requireContent(`the header '${name}'`, content)
    fields.push(name, content)
  }
  return fields
}

function encoded(content: Field, index: number, fields: readonly Field[]): Field {
  if (typeof content !== 'string') return content
  const whatHeader = index % 2 === 0 ? 'the name of a header' : `the header '${fields[index - 1] as string}'`
  return encodeText(content, ['the key', 'the value'][index] ?? whatHeader)
}
