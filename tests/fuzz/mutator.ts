import type { RandomBytes } from './target.ts'

/** Chance by a seed (mulberry32), in whole numbers. */
export class SeededBytes implements RandomBytes {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }
}

/** Where numbers, lengths and texts end or turn over. */
const numbers = [
  0,
  1,
  -1,
  2,
  3,
  4,
  7,
  8,
  15,
  16,
  31,
  32,
  61,
  63,
  64,
  65,
  127,
  128,
  129,
  255,
  256,
  1000,
  32_767,
  32_768,
  65_535,
  65_536,
  2 ** 24,
  2 ** 31 - 1,
  -(2 ** 31),
]
const edgeBytes = [0, 1, 2, 3, 0x0a, 0x20, 0x22, 0x2e, 0x7f, 0x80, 0x81, 0xc0, 0xe2, 0xf0, 0xfe, 0xff]

const longest = 4096
const encoder = new TextEncoder()

/** Changes bytes in one to four places, without knowing what they mean. */
export class Mutator {
  readonly #random: RandomBytes
  readonly #words: readonly Uint8Array[]

  constructor(random: RandomBytes, words: readonly string[] = []) {
    this.#random = random
    this.#words = words.map((word) => encoder.encode(word))
  }

  /** @param other what pieces may be taken from */
  change(input: Uint8Array, other: Uint8Array): Uint8Array {
    let bytes = input
    for (let left = 1 + this.#random.below(4); left > 0; left--) bytes = this.#once(bytes, other)
    return bytes.length > longest ? bytes.slice(0, longest) : bytes
  }

  #once(input: Uint8Array, other: Uint8Array): Uint8Array {
    const random = this.#random
    if (input.length === 0) return Uint8Array.of(random.below(256))
    const at = random.below(input.length)
    switch (random.below(this.#words.length > 0 ? 14 : 12)) {
      case 0:
        return this.#with(input, at, [(input[at] as number) ^ (1 << random.below(8))])
      case 1:
        return this.#with(input, at, [random.below(256)])
      case 2:
        return this.#with(input, at, [random.pick(edgeBytes)])
      case 3:
        return this.#with(input, at, [((input[at] as number) + random.below(33) - 16) & 0xff])
      case 4:
        return this.#with(input, at, bigEndian(random.pick(numbers), random.pick([2, 4, 8])))
      case 5:
        return this.#with(input, at, bigEndian(random.pick(numbers), 4).reverse())
      case 6:
        return joined(input.subarray(0, at), input.subarray(Math.min(at + 1 + random.below(16), input.length)))
      case 7:
        return input.slice(0, at)
      case 8:
        return joined(input.subarray(0, at), Uint8Array.of(random.pick(edgeBytes)), input.subarray(at))
      case 9: {
        const piece = input.subarray(at, at + 1 + random.below(32))
        return joined(input.subarray(0, at), piece, input.subarray(at))
      }
      case 10: {
        const from = random.below(other.length + 1)
        return joined(input.subarray(0, at), other.subarray(from, from + random.below(64)), input.subarray(at))
      }
      case 11:
        return joined(input.subarray(0, at), other.subarray(random.below(other.length + 1)))
      case 12:
        return joined(input.subarray(0, at), random.pick(this.#words), input.subarray(at))
      default:
        return this.#with(input, at, random.pick(this.#words))
    }
  }

  /** With other bytes in the place of as many. */
  #with(input: Uint8Array, at: number, bytes: Iterable<number>): Uint8Array {
    const copy = input.slice()
    let position = at
    for (const byte of bytes) if (position < copy.length) copy[position++] = byte
    return copy
  }
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}

function bigEndian(value: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Math.floor(value / 2 ** (8 * (size - 1 - index))) & 0xff)
}
