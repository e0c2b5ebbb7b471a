/** Bytes that no ByteWriter has written. See stored-content.ts for what becomes of it. */
export class UndecodableError extends Error {
  /** Where the bytes cannot be right. */
  readonly position: number

  constructor(what: string, position: number) {
    super(what)
    this.position = position
  }
}

/** Reads the output of a ByteWriter; never beyond the end of the bytes. */
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

  /** @throws UndecodableError when the bytes end within the number, or it is greater than `most` */
  number(most: number = Number.MAX_SAFE_INTEGER): number {
    const start = this.position
    let [value, scale] = [0, 1]
    for (;;) {
      const byte = this.#bytes[this.position++]
      if (byte === undefined) throw new UndecodableError('a number is cut off', start)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
      scale *= 128
    }
    if (!(value <= most)) throw new UndecodableError(`the number ${value} is greater than ${most}`, start)
    return value
  }

  u32(): number {
    const at = this.#step(4, 'a number')
    return this.#view.getUint32(at, true)
  }

  f64(): number {
    const at = this.#step(8, 'a number')
    return this.#view.getFloat64(at, true)
  }

  text(): string {
    const start = this.#step(this.number(), 'a string')
    return this.#bytes.toString('utf8', start, this.position)
  }

  /** A count, and so many items. */
  list<T>(read: () => T): T[] {
    const items: T[] = []
    // Each item takes at least a byte, so a wrong count ends at the end of the bytes.
    for (let left = this.number(); left > 0; left--) items.push(read())
    return items
  }

  /** @throws UndecodableError with the given words */
  refuse(what: string): never {
    throw new UndecodableError(what, this.position)
  }

  /** Returns where it was before. */
  #step(count: number, what: string): number {
    const start = this.position
    if (count > this.#bytes.length - start) throw new UndecodableError(`${what} is cut off`, start)
    this.position += count
    return start
  }
}
