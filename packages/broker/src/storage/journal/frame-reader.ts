import type { FrameOperations, BatchRun } from './frame-operations.ts'
import { isSound } from './frame-operations.ts'
import { decodeOperations, describedBytes, frameCounts, frameHeadBytes, frameMagic, isFrameSound } from './frame.ts'
import { type DamagedPlace, damagedFile } from './journal-damage.ts'
import type { JournalFile } from './journal-folder.ts'
import { decodeStored, StoredFields } from './stored-content.ts'

/** How much is read at a time. */
const windowBytes = 1024 * 1024
const zeros = Buffer.alloc(windowBytes)

export interface ReadFrame {
  readonly sequence: number
  readonly operations: FrameOperations
  /** The start of its payload in the file, and the end of the frame. */
  readonly payloadAt: number
  readonly end: number
}

/** Reads the frames of a file one after the other. */
export class FrameReader {
  readonly #file: JournalFile
  readonly #name: Omit<DamagedPlace, 'byte'>
  readonly #nonce: number
  readonly #length: number
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0
  /** Where the next frame begins. */
  position: number

  /**
   * @param name for messages
   * @param length where to stop: the end of the file, or the known end of its frames
   */
  constructor(file: JournalFile, name: Omit<DamagedPlace, 'byte'>, nonce: number, position: number, length: number) {
    this.#file = file
    this.#name = name
    this.#nonce = nonce
    this.position = position
    this.#length = length
  }

  /**
   * Returns the next frame without reading its payload; undefined, at the same position, if no frame with a right
   * checksum follows.
   *
   * @throws StorageError that names the byte of a frame with a right checksum that makes no sense
   */
  async next(): Promise<ReadFrame | undefined> {
    const frame = await this.#frameAt(this.position)
    if (frame) this.position = frame.end
    return frame
  }

  /** Finds the first batch of a frame that has changed since it was written; undefined if none has. */
  async unsoundBatch({ operations, payloadAt, end }: ReadFrame): Promise<number | undefined> {
    const payload = await this.bytes(payloadAt, end - payloadAt)
    let position = 0
    for (const { lengths, checks } of runsOf(operations)) {
      for (const [index, length] of lengths.entries()) {
        const batch = payload.subarray(position, position + length)
        if (batch.length < length || !isSound(batch, checks[index] as number)) return payloadAt + position
        position += length
      }
    }
    return undefined
  }

  /** Whether only zeros follow. */
  async hasOnlyZerosFrom(position: number): Promise<boolean> {
    for (let at = position; at < this.#length; at += windowBytes) {
      const bytes = await this.bytes(at, windowBytes)
      if (!bytes.equals(zeros.subarray(0, bytes.length))) return false
    }
    return true
  }

  /** Finds, from a position on, a frame with a right checksum that was written after the one with that sequence. */
  async laterFrame(from: number, sequence: number): Promise<number | undefined> {
    for (let at = from; at < this.#length; at += windowBytes) {
      // Its first bytes may lie across the end of a window.
      const bytes = Buffer.from(await this.bytes(at, windowBytes + frameMagic.length - 1))
      for (let found = bytes.indexOf(frameMagic); found >= 0; found = bytes.indexOf(frameMagic, found + 1)) {
        const frame = await this.#frameAt(at + found)
        if (frame && frame.sequence > sequence) return at + found
      }
    }
    return undefined
  }

  /** Reads that many bytes, or as many as exist; valid until the next call. */
  async bytes(position: number, count: number): Promise<Buffer> {
    const wanted = Math.max(Math.min(count, this.#length - position), 0)
    const start = position - this.#windowAt
    if (start >= 0 && start + wanted <= this.#window.length) return this.#window.subarray(start, start + wanted)
    const window = Buffer.allocUnsafe(Math.min(Math.max(wanted, windowBytes), this.#length - position))
    const found = await this.#file.read([window], position)
    this.#window = window.subarray(0, found)
    this.#windowAt = position
    return this.#window.subarray(0, wanted)
  }

  async #frameAt(position: number): Promise<ReadFrame | undefined> {
    const count = describedBytes(await this.bytes(position, frameHeadBytes), this.#nonce)
    if (count === undefined) return undefined
    const described = await this.bytes(position, count)
    if (described.length < count || !isFrameSound(described)) return undefined
    const { sequence, payloadBytes } = frameCounts(
      new StoredFields(described, (byte, what) => this.#refuse(position + byte, what)),
    )
    const place = { ...this.#name, byte: position + frameHeadBytes }
    const operations = decodeStored(place, described.subarray(frameHeadBytes), decodeOperations)
    if (batchBytesOf(operations) !== payloadBytes)
      this.#refuse(position, `its batches have ${batchBytesOf(operations)} bytes together, and it says ${payloadBytes}`)
    const payloadAt = position + count
    const end = payloadAt + payloadBytes
    return end <= this.#length ? { sequence, operations, payloadAt, end } : undefined
  }

  #refuse(byte: number, what: string): never {
    throw damagedFile({ ...this.#name, byte }, what)
  }
}

function batchBytesOf(operations: FrameOperations): number {
  let sum = 0
  for (const { lengths } of runsOf(operations)) for (const length of lengths) sum += length
  return sum
}

/** The runs of a frame in the order of their batches in its payload. */
export function runsOf({ appended, replaced, moved }: FrameOperations): BatchRun[] {
  return [...appended, ...replaced, ...moved]
}
