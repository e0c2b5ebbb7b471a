import type { Random } from '@kafkado/core'
import { RequestWriter } from '../src/codec/request-writer.ts'
import { ResponseReader } from '../src/codec/response-reader.ts'

/**
 * Whatever is read from it is invented, and written down as it would have to be encoded. So the decoder of any message makes a message of
 * its form, and the bytes that it would have come from.
 */
export class InventingReader extends ResponseReader {
  readonly #random: Random
  readonly #writer: RequestWriter
  /** Of how many tagged fields the tag and the size are still to be read. */
  #tagParts = 0

  constructor(random: Random, isFlexible: boolean) {
    super(new Uint8Array(0), isFlexible)
    this.#random = random
    this.#writer = new RequestWriter(isFlexible)
  }

  get bytesWritten(): Buffer {
    return Buffer.concat(this.#writer.finish())
  }

  override int8(): number {
    return this.#note(this.#between(-128, 127), (value) => this.#writer.int8(value))
  }

  override int16(): number {
    return this.#note(this.#between(-32_768, 32_767), (value) => this.#writer.int16(value))
  }

  override int32(): number {
    return this.#note(this.#between(-(2 ** 31), 2 ** 31 - 1), (value) => this.#writer.int32(value))
  }

  override int64(): number {
    const edges = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 32, -(2 ** 32) - 1]
    const edge = edges[this.#between(0, edges.length * 2)]
    return this.#note(edge ?? this.#between(-(2 ** 52), 2 ** 52), (value) => this.#writer.int64(value))
  }

  /** How many tagged fields there are, then the tag and the size of each. No message knows tags from 100 on. */
  override unsignedVarint(): number {
    let value = this.#between(0, 2)
    if (this.#tagParts === 0) this.#tagParts = value * 2
    else if (this.#tagParts-- % 2 === 0) value = this.#between(100, 40_000)
    return this.#note(value, () => this.#writer.unsignedVarint(value))
  }

  override string(): string {
    const letters = Array.from({ length: this.#between(0, 5) }, () => 'aß€😀'.at(this.#between(0, 2)) as string)
    return this.#note(letters.join(''), (value) => this.#writer.string(value))
  }

  override bytes(): Uint8Array {
    return this.#note(this.#content(this.#between(0, 8)), (value) => this.#writer.bytes(value))
  }

  override array<T>(read: () => T): T[] {
    const places = Array.from({ length: this.#between(0, 3) }, () => undefined)
    this.#writer.array(places, () => undefined)
    return places.map(read)
  }

  override raw(length: number): Uint8Array {
    return this.#note(this.#content(length), (value) => this.#writer.raw(value))
  }

  #content(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#between(0, 255))
  }

  #between(least: number, greatest: number): number {
    return least + Math.floor(this.#random.next() * (greatest - least + 1))
  }

  #note<T>(value: T, write: (value: T) => void): T {
    write(value)
    return value
  }
}
