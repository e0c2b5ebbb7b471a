import { InvalidRequestError } from '@kafkado/core'

const encoder = new TextEncoder()

const longestInt64Varint = 10

/** From this size on bytes are handed on as they are; what is smaller is cheaper to copy. */
const separateBytes = 1024

/**
 * Writes a request of the Kafka protocol, all numbers big-endian. Long byte fields are not copied: the request is a list of pieces.
 *
 * Whether lengths are compact and structures end with tagged fields is a property of a message's version ("flexible versions", KIP-482).
 */
export class RequestWriter {
  readonly isFlexible: boolean
  readonly #pieces: Uint8Array[] = []
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(isFlexible: boolean, initialBytes = 256) {
    this.isFlexible = isFlexible
    this.#bytes = new Uint8Array(initialBytes)
    this.#view = new DataView(this.#bytes.buffer)
  }

  int8(value: number): void {
    requireBits(value, 8)
    this.#reserve(1)
    this.#view.setInt8(this.#length, value)
    this.#length += 1
  }

  int16(value: number): void {
    requireBits(value, 16)
    this.#reserve(2)
    this.#view.setInt16(this.#length, value)
    this.#length += 2
  }

  int32(value: number): void {
    requireBits(value, 32)
    this.#reserve(4)
    this.#view.setInt32(this.#length, value)
    this.#length += 4
  }

  int64(value: number): void {
    requireBits(value, 54)
    this.#reserve(8)
    this.#view.setBigInt64(this.#length, BigInt(value))
    this.#length += 8
  }

  unsignedVarint(value: number): void {
    this.#reserve(longestInt64Varint)
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#length++] = rest
  }

  string(value: string | null): void {
    if (value === null) {
      if (this.isFlexible) this.unsignedVarint(0)
      else this.int16(-1)
      return
    }
    const bytes = encoder.encode(value)
    if (this.isFlexible) this.unsignedVarint(bytes.length + 1)
    else this.int16(bytes.length)
    this.raw(bytes)
  }

  bytes(value: Uint8Array | null): void {
    this.#arrayLength(value === null ? null : value.length)
    if (value === null) return
    if (value.length < separateBytes) this.raw(value)
    else {
      this.#endPiece()
      this.#pieces.push(value)
    }
  }

  array<T>(values: readonly T[] | null, write: (value: T) => void): void {
    this.#arrayLength(values === null ? null : values.length)
    if (values !== null) for (const value of values) write(value)
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** The whole request, in order. The writer is not to be used afterwards. */
  finish(): readonly Uint8Array[] {
    this.#endPiece()
    return this.#pieces
  }

  #arrayLength(length: number | null): void {
    if (this.isFlexible) this.unsignedVarint(length === null ? 0 : length + 1)
    else this.int32(length ?? -1)
  }

  #endPiece(): void {
    if (this.#length > 0) this.#pieces.push(this.#bytes.subarray(0, this.#length))
    this.#bytes = new Uint8Array(64)
    this.#view = new DataView(this.#bytes.buffer)
    this.#length = 0
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

/**
 * A number that does not fit would be cut without a word.
 *
 * @throws InvalidRequestError
 */
function requireBits(value: number, bits: 8 | 16 | 32 | 54): void {
  const limit = 2 ** (bits - 1)
  if (Number.isInteger(value) && value >= -limit && value < limit) return
  throw new InvalidRequestError(
    `the number ${value} is no whole number from ${-limit} to ${limit - 1}, as the request needs it`,
  )
}
