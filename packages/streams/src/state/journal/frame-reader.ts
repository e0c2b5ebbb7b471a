import { frameChecksum, frameHeadBytes, frameLength, frameMeta, isSoundFrame } from './frame.ts'
import type { JournalFile } from './journal-folder.ts'
import type { JournalMeta } from './journal-meta.ts'

export interface FoundFrame {
  /** The start of the frame in its file. */
  readonly at: number
  /** Valid until the next frame is read. */
  readonly bytes: Buffer
  /** The end of the unit; undefined if the unit continues. */
  readonly meta: JournalMeta | undefined
}

const windowBytes = 256 * 1024

/** Reads the frames of a file one after the other, a piece of the file at a time, without blocking other work. */
export class FrameReader {
  readonly #file: JournalFile
  readonly #end: number
  #window = Buffer.alloc(0)
  #windowAt = 0
  /** The start of the next frame. */
  position: number
  /** The checksum of the frame before it. */
  checksum: number
  /** Whether the next frame has a right checksum, and a content that no kafkado has written. */
  isUnreadable = false

  /** @param end the end of the readable part @param checksum of the frame that ends at `position` */
  constructor(file: JournalFile, position: number, end: number, checksum: number) {
    this.#file = file
    this.#end = end
    this.position = position
    this.checksum = checksum
  }

  /** Undefined at the end, and if another content than the next frame follows. */
  async next(): Promise<FoundFrame | undefined> {
    const at = this.position
    const head = await this.#bytes(at, frameHeadBytes)
    if (!head) return undefined
    const length = frameLength(head)
    const bytes = await this.#bytes(at, length)
    if (!bytes || !isSoundFrame(bytes, this.checksum)) return undefined
    const meta = frameMeta(bytes)
    this.isUnreadable = meta === 'unreadable'
    if (meta === 'unreadable') return undefined
    this.position = at + length
    this.checksum = frameChecksum(bytes)
    return { at, bytes, meta }
  }

  async #bytes(at: number, count: number): Promise<Buffer | undefined> {
    if (at + count > this.#end) return undefined
    // Others say where it ends, who may be wrong; no memory is taken for what is not there.
    if (count > windowBytes && at + count > (await this.#file.length())) return undefined
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
