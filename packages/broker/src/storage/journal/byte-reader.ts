/** Reads the output of a ByteWriter. */
export class ByteReader {
  readonly #bytes: Buffer
  readonly #view: DataView
  position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get isAtEnd(): boolean {
    return this.position === this.#bytes.length
  }

  /** @throws RangeError when the bytes end within the number, or it is too large to be exact */
  number(): number {
    let [value, scale] = [0, 1]
    for (;;) {
      const byte = this.#bytes[this.position++]
      if (byte === undefined) throw new RangeError('the bytes end within a number')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
      scale *= 128
    }
    if (!Number.isSafeInteger(value)) throw new RangeError('a number is beyond 2^53 - 1')
    return value
  }

  u32(): number {
    this.position += 4
    return this.#view.getUint32(this.position - 4, true)
  }

  f64(): number {
    this.position += 8
    return this.#view.getFloat64(this.position - 8, true)
  }

  text(): string {
    const end = this.number() + this.position
    if (end > this.#bytes.length) throw new RangeError('the bytes end within a string')
    const text = this.#bytes.toString('utf8', this.position, end)
    this.position = end
    return text
  }
}
