import type { TraceFrame } from './disk-trace.ts'

/** What a file holds, which grows as it is written. */
export class FileContent {
  /** With room for more, as copying all of it for each write would take most of the time. */
  #buffer: Buffer
  #length: number

  constructor(buffer: Buffer = Buffer.alloc(0), length = 0) {
    this.#buffer = buffer
    this.#length = length
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  copy(): FileContent {
    return new FileContent(Buffer.from(this.bytes), this.#length)
  }

  /** Carries out a write, or a change of the length. What a file grows by is zeros. */
  put({ op, offset, bytes }: Pick<TraceFrame, 'op' | 'offset' | 'bytes'>): void {
    const end = op === 'T' ? offset : Math.max(this.#length, offset + bytes.length)
    if (end > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(end, this.#buffer.length * 2))
      this.bytes.copy(grown)
      this.#buffer = grown
    }
    // What is cut off must not come back when the file grows again.
    this.#buffer.fill(0, Math.min(end, this.#length), this.#length)
    this.#length = end
    if (op !== 'T') bytes.copy(this.#buffer, offset)
  }
}
