const encoder = new TextEncoder()

/**
 * Writes into growing memory. Numbers are varints: seven bits per byte, lowest first, and the top bit is set if more
 * follow. They are whole, not negative and at most 2^53 - 1.
 */
export class ByteWriter {
  #bytes: Buffer
  #view: DataView
  length = 0

  constructor(capacity = 4096) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** The written bytes; the next write changes them. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  /** A copy of the written bytes. */
  copy(): Buffer {
    return Buffer.from(this.written)
  }

  clear(): void {
    this.length = 0
  }

  number(value: number): void {
    this.#reserve(8)
    let left = value
    for (; left >= 0x8000_0000; left = Math.floor(left / 128)) this.#bytes[this.length++] = (left % 128) | 0x80
    for (; left >= 0x80; left >>>= 7) this.#bytes[this.length++] = (left & 0x7f) | 0x80
    this.#bytes[this.length++] = left
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.length, value, true)
    this.length += 4
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.length, value, true)
    this.length += 8
  }

  /** Writes the string's length in bytes, then the string in UTF-8. */
  text(value: string): void {
    // UTF-8 takes at most three bytes for each unit of UTF-16.
    this.#reserve(8 + value.length * 3)
    if (value.length < 43) {
      // The length fits one byte, whatever the string is.
      const { written } = encoder.encodeInto(value, this.#bytes.subarray(this.length + 1))
      this.#bytes[this.length] = written
      this.length += 1 + written
      return
    }
    const size = Buffer.byteLength(value)
    this.number(size)
    this.length += this.#bytes.write(value, this.length, size, 'utf8')
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.length)
    this.length += value.length
  }

  /** Leaves room for a value that is known later. */
  skip(count: number): void {
    this.#reserve(count)
    this.#bytes.fill(0, this.length, this.length + count)
    this.length += count
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.length + count, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.length)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
