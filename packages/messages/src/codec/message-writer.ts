import { InvalidRequestError } from '@kafkado/core'

const encoder = new TextEncoder()
const longestVarint = 5
/** From this size on, bytes become a piece of their own; copying smaller ones is cheaper. */
const separateBytes = 1024

/**
 * Writes a message of the Kafka protocol, all numbers big-endian. Long byte fields are not copied: the message is a
 * list of pieces.
 */
export class MessageWriter {
  readonly #pieces: Uint8Array[] = []
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(initialBytes = 256) {
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

  float64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
  }

  unsignedVarint(value: number): void {
    this.#reserve(longestVarint)
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#length++] = rest
  }

  compactText(value: string): void {
    const bytes = encoder.encode(value)
    this.unsignedVarint(bytes.length + 1)
    this.raw(bytes)
  }

  text(value: string): void {
    const bytes = encoder.encode(value)
    this.int16(bytes.length)
    this.raw(bytes)
  }

  /** Bytes whose length was already written; long ones become a piece of their own. */
  bytes(value: Uint8Array): void {
    if (value.length < separateBytes) this.raw(value)
    else {
      this.#endPiece()
      this.#pieces.push(value)
    }
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** The whole message, in order. Do not use the writer afterwards. */
  finish(): readonly Uint8Array[] {
    this.#endPiece()
    return this.#pieces
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
 * Refuses a number that would be cut silently.
 *
 * @throws InvalidRequestError
 */
function requireBits(value: number, bits: 8 | 16 | 32 | 54): void {
  const limit = 2 ** (bits - 1)
  if (Number.isInteger(value) && value >= -limit && value < limit) return
  throw new InvalidRequestError(
    `the number ${value} is not a whole number from ${-limit} to ${limit - 1}, as the request needs it`,
  )
}
