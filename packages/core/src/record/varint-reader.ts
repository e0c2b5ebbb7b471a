import { corrupt } from './record-batch-header.ts'

/** Reads zigzag variable-length integers, as records use them; see varint.ts. Never beyond its end. */
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
    const first = this.#byte()
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let low = first & 0x7f
    let shift = 7
    while (shift < 28) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
      shift += 7
    }
    return this.#long(low)
  }

  /** A number of 32 bits, which takes at most five bytes. */
  int32(): number {
    const first = this.#byte()
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let low = first & 0x7f
    let shift = 7
    while (shift < 28) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
      shift += 7
    }
    const last = this.#byte()
    if (last > 0x0f) throw corrupt('a length or a count in a record has more than 32 bits')
    low |= last << 28
    return (low >>> 1) ^ -(low & 1)
  }

  /** Steps over `length` bytes, which must end within the record; returns where they begin. */
  skip(length: number, end: number): number {
    const start = this.position
    if (length < 0 || start + length > end) throw corrupt(`a field of ${length} bytes reaches beyond its record`)
    this.position = start + length
    return start
  }

  #byte(): number {
    if (this.position >= this.#end) throw corrupt('the records end in the middle of a number')
    return this.#bytes[this.position++] as number
  }

  #long(low: number): number {
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
