// Keeps a byte order mark, which is an ordinary part of the string.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A message ends too early, or has impossible content. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/**
 * Reads a message of the Kafka protocol, all numbers big-endian, and never beyond its end. Byte fields are views of the
 * message, not copies.
 *
 * Lengths are compact in flexible versions (KIP-482): unsigned varints, one more than the length, with 0 for null.
 */
export class MessageReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get position(): number {
    return this.#position
  }

  /** The number of unread bytes. */
  get left(): number {
    return this.#bytes.length - this.#position
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
      throw new MalformedMessage(`the number ${this.#view.getBigInt64(at)} is beyond 2^53 - 1`)
    return value
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8))
  }

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(this.#advance(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new MalformedMessage('a length has more than 35 bits')
  }

  /** Negative for null. */
  compactLength(): number {
    return this.unsignedVarint() - 1
  }

  text(length: number): string {
    return decoder.decode(this.raw(length))
  }

  raw(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  #advance(bytes: number): number {
    const start = this.#position
    if (bytes < 0 || start + bytes > this.#bytes.length)
      throw new MalformedMessage(
        `the message ends ${this.#bytes.length - start} bytes after byte ${start}, ${bytes} are due`,
      )
    this.#position = start + bytes
    return start
  }
}
