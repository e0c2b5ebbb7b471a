import { corrupt } from './corrupt.ts'

/** Reads the zigzag variable-length integers of records, see varint.ts. Never reads beyond its end. */
export class VarintReader {
  position: number
  readonly #bytes: Uint8Array
  readonly #end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.position = start
    this.#end = end
  }

  /** A number that may be long, such as a difference of timestamps. */
  varint(): number {
    const short = this.#short()
    return short === undefined ? this.#long() : short
  }

  /** A number of 32 bits, which takes at most five bytes. */
  int32(): number {
    const short = this.#short()
    if (short !== undefined) return short
    const end = this.position + 5
    const value = this.#long()
    if (value === (value | 0) && this.position <= end) return value
    throw corrupt('a length or a count in a record has more than 32 bits')
  }

  /** Skips `length` bytes, which must end within the record. Returns where they begin. */
  skip(length: number, end: number): number {
    const start = this.position
    if (length < 0 || start + length > end) throw corrupt(`a field of ${length} bytes reaches beyond its record`)
    this.position = start + length
    return start
  }

  /**
   * Nearly all numbers take one or two bytes. These are read without a loop, in so little code that the compiler
   * inlines it.
   */
  #short(): number | undefined {
    const { position } = this
    if (position + 2 > this.#end) return undefined
    const first = this.#bytes[position] as number
    if (first < 0x80) {
      this.position = position + 1
      return (first >>> 1) ^ -(first & 1)
    }
    const second = this.#bytes[position + 1] as number
    if (second >= 0x80) return undefined
    this.position = position + 2
    return (((first & 0x7f) | (second << 7)) >>> 1) ^ -(first & 1)
  }

  #byte(): number {
    if (this.position >= this.#end) throw corrupt('the records end in the middle of a number')
    return this.#bytes[this.position++] as number
  }

  #long(): number {
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
    }
    let zigzag = BigInt(low)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      zigzag |= BigInt(byte & 0x7f) << shift
      if (byte >= 0x80) continue
      const value = Number((zigzag >> 1n) ^ -(zigzag & 1n))
      if (Number.isSafeInteger(value)) return value
      throw corrupt('a number in a record is beyond 2^53 - 1 and would be rounded')
    }
    throw corrupt('a number in a record has more than ten bytes')
  }
}
