import { frameChecksum, frameHeadBytes, frameLength, frameMeta, isSoundFrame } from './frame.ts'
import type { JournalFile } from './journal-folder.ts'

export interface FoundFrame {
  /** Where it begins in its file. */
  readonly at: number
  /** Good until the next one is read. */
  readonly bytes: Buffer
  /** What ends the unit; undefined when it goes on. */
  readonly meta: string | undefined
}

const windowBytes = 256 * 1024

/** Reads the frames of a file one after the other, a piece of the file at a time, without holding up anything else. */
export class FrameReader {
  readonly #file: JournalFile
  readonly #end: number
  #window = Buffer.alloc(0)
  #windowAt = 0
  /** Where the next frame begins. */
  position: number
  /** The checksum of the frame before it. */
  checksum: number

  /** @param end beyond that there is nothing @param checksum of the frame that ends at `position` */
  constructor(file: JournalFile, position: number, end: number, checksum: number) {
    this.#file = file
    this.#end = end
    this.position = position
    this.checksum = checksum
  }

  /** Undefined at the end, and where there is something else than the frame that should follow. */
  async next(): Promise<FoundFrame | undefined> {
    const at = this.position
    const head = await this.#bytes(at, frameHeadBytes)
    if (!head) return undefined
    const length = frameLength(head)
    const bytes = await this.#bytes(at, length)
    if (!bytes || !isSoundFrame(bytes, this.checksum)) return undefined
    this.position = at + length
    this.checksum = frameChecksum(bytes)
    return { at, bytes, meta: frameMeta(bytes) }
  }

  async #bytes(at: number, count: number): Promise<Buffer | undefined> {
    if (at + count > this.#end) return undefined
    if (at < this.#windowAt || at + count > this.#windowAt + this.#window.length) {
      const window = Buffer.allocUnsafeSlow(Math.min(Math.max(count, windowBytes), this.#end - at))
      const found = await this.#file.read(window, at)
      this.#window = window.subarray(0, found)
      this.#windowAt = at
      if (found < count) return undefined
    }
    return this.#window.subarray(at - this.#windowAt, at - this.#windowAt + count)
  }
}
