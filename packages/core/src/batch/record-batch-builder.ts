import { showTyped } from '../config/show-value.ts'
import { InvalidRequestError } from '../errors/kafka-error.ts'
import { compress, type CompressionType, compressionTypes } from './compression/compression.ts'
import { attributesOf, recordBatchHeaderBytes, writeRecordBatchHeader } from './format/record-batch-header.ts'
import { encodeText, type Header, type RecordContent, requireContent } from './format/record-content.ts'
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

const encoder = new TextEncoder()
/** For fewer characters, a loop over character codes is faster than a call of the encoder. */
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
    this.#bytes = new Uint8Array(Math.max(initialCapacity, recordBatchHeaderBytes))
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
    const start = this.#position
    try {
      if (!this.#write(record, baseTimestamp)) {
        this.#position = start
        this.#write(
          { ...record, key: encoded('the key', record.key), value: encoded('the value', record.value) },
          baseTimestamp,
        )
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
    this.#writeHead(timestamp - baseTimestamp, content.length, 0)
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
    if (compression === 'none') return this.#finish(this.#bytes.subarray(0, this.#position), options)
    const packed = compress(compression, this.#bytes.subarray(recordBatchHeaderBytes, this.#position))
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
  #write({ timestamp, key, value, headers }: RecordContent, baseTimestamp: number): boolean {
    requireContent('the key', key)
    requireContent('the value', value)
    const keyLength = key === null ? -1 : key.length
    const valueLength = value === null ? -1 : value.length
    const headerFields = headers.map(encodedHeader)
    const most = Math.max(keyLength, 0) + Math.max(valueLength, 0)
    let length = varintBytes(keyLength) + varintBytes(valueLength) + most + varintBytes(headerFields.length)
    for (const [name, content] of headerFields) {
      length += varintBytes(name.length) + name.length
      length += varintBytes(content?.length ?? -1) + (content?.length ?? 0)
    }
    // A string can take three bytes a character, and without enough room the encoder would cut it silently.
    this.#writeHead(timestamp - baseTimestamp, length, 2 * most)
    if (!this.#sized(key, keyLength) || !this.#sized(value, valueLength)) return false
    this.#varint(headerFields.length)
    for (const [name, content] of headerFields) {
      this.#sized(name, name.length)
      this.#sized(content, content?.length ?? -1)
    }
    return true
  }

  /**
   * Makes room for a record and writes its length, attributes, timestamp and offset.
   *
   * @param contentBytes of its key, value and headers
   * @param spareBytes that the content may need beyond that
   */
  #writeHead(timestampDelta: number, contentBytes: number, spareBytes: number): void {
    const length = recordHeadBytes(timestampDelta, this.#count) + contentBytes
    this.#reserve(length + 10 + spareBytes)
    this.#varint(length)
    this.#bytes[this.#position++] = 0
    this.#varint(timestampDelta)
    this.#varint(this.#count)
  }

  #sized(content: string | Uint8Array | null, length: number): boolean {
    this.#varint(length)
    return content === null || this.#field(content, length)
  }

  #field(content: string | Uint8Array, length: number): boolean {
    if (typeof content !== 'string') {
      // If another thread enlarges the buffer at this moment, copy only as much as the length says.
      this.#bytes.set(content, this.#position)
      this.#position += length
      return true
    }
    if (content.length < shortText) return this.#ascii(content)
    const { written } = encoder.encodeInto(content, this.#bytes.subarray(this.#position))
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

  #reserve(length: number): void {
    const needed = this.#position + length
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#position))
    this.#bytes = grown
  }
}

function encoded(what: string, content: string | Uint8Array | null): Uint8Array | null {
  return typeof content === 'string' ? encodeText(content, what) : content
}

function encodedHeader([name, content]: Header): readonly [Uint8Array, Uint8Array | null] {
  if (typeof name !== 'string')
    throw new InvalidRequestError(`the name of a header must be a string, got ${showTyped(name)}`)
  const what = `the header '${name}'`
  requireContent(what, content)
  return [encodeText(name, 'the name of a header'), encoded(what, content)]
}
