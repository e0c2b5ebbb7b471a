// A byte order mark is a part of the text like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The answer of a broker ends before it should, or holds what cannot be. */
export class MalformedResponse extends Error {}

/** Reads a response of the Kafka protocol. Byte fields are views of the response, not copies. */
export class ResponseReader {
  readonly isFlexible: boolean
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #position = 0

  constructor(bytes: Uint8Array, isFlexible: boolean) {
    this.isFlexible = isFlexible
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  int8(): number {
    return this.#view.getInt8(this.#advance(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#advance(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4))
  }

  int64(): number {
    const at = this.#advance(8)
    const value = this.#view.getInt32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4)
    if (!Number.isSafeInteger(value))
      throw new MalformedResponse(`the number ${this.#view.getBigInt64(at)} is beyond 2^53 - 1`)
    return value
  }

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(this.#advance(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new MalformedResponse('a length has more than 35 bits')
  }

  string(): string | null {
    const length = this.isFlexible ? this.unsignedVarint() - 1 : this.int16()
    return length < 0 ? null : decoder.decode(this.raw(length))
  }

  bytes(): Uint8Array | null {
    const length = this.#arrayLength()
    return length < 0 ? null : this.raw(length)
  }

  array<T>(read: () => T): T[] | null {
    const length = this.#arrayLength()
    if (length < 0) return null
    // Every element takes a byte at least, so a length beyond what is left is not worth an allocation.
    if (length > this.#bytes.length - this.#position)
      throw new MalformedResponse(`an array of ${length} elements does not fit into the answer`)
    const values: T[] = []
    for (let index = 0; index < length; index++) values.push(read())
    return values
  }

  raw(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  #arrayLength(): number {
    return this.isFlexible ? this.unsignedVarint() - 1 : this.int32()
  }

  #advance(bytes: number): number {
    const start = this.#position
    if (bytes < 0 || start + bytes > this.#bytes.length)
      throw new MalformedResponse(
        `the answer ends ${this.#bytes.length - start} bytes after byte ${start}, ${bytes} are due`,
      )
    this.#position = start + bytes
    return start
  }
}
