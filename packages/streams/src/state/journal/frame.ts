import { crc32c } from '@kafkado/core/internal'
import { isMeta, type JournalMeta } from './journal-meta.ts'
import { storedJson } from './stored-json.ts'

/**
 * A frame is the content of one write. Frames are back to back behind the head of a file (file-head.ts). All numbers
 * are little-endian:
 *
 *     at  size  field
 *      0     4  CRC-32C of all that follows in the frame
 *      4     4  the checksum of the frame before it in the file; the nonce of the file in its first one
 *      8     4  recordBytes
 *     12     4  metaBytes       0 when the unit continues in the next frame
 *     16        records
 *               meta            JSON in UTF-8 (JournalMeta in journal-state.ts)
 *
 * A unit is one or several frames, of which the last has a meta. With that frame, all of the unit takes effect, and
 * none of it before. Each frame repeats the checksum of the previous one, so older content of the file (of a failed
 * write, or by a former owner) never passes for the next frame.
 *
 * A record:
 *
 *     at  size  field
 *      0     4  CRC-32C of all that follows in the record, because records are read one by one
 *      4     2  store           the number that the meta gives to its name
 *      6     4  replacedFile    the id of the file with the record that it replaces or removes; 0 for none
 *     10     4  replacedOffset  the start of that record in its file
 *     14     4  keyBytes
 *     18     4  valueBytes      0xffffffff when the key is removed
 *     22        key, value
 *
 * So the index of keys can be rebuilt without comparing keys: a record names the entry it replaces. That entry is gone
 * together with its file. Files are given up in the order of their ids, after their records in use were copied; each
 * copy is a record that replaces its original.
 */
export const frameHeadBytes = 16
export const recordHeadBytes = 22
const removed = 0xffffffff

/** The record that another one replaces. */
export interface Replaced {
  /** 0 for none. */
  readonly fileId: number
  readonly offset: number
}

/** Builds a frame in reused memory. */
export class FrameWriter {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024)
  /** The length of the frame so far. */
  length = frameHeadBytes

  clear(): void {
    this.length = frameHeadBytes
  }

  /** Returns the start of the record in the frame. */
  add(store: number, { fileId, offset }: Replaced, key: Uint8Array, value: Uint8Array | null): number {
    const at = this.length
    this.#reserve(recordHeadBytes + key.length + (value?.length ?? 0))
    const bytes = this.#bytes
    bytes.writeUInt16LE(store, at + 4)
    bytes.writeUInt32LE(fileId, at + 6)
    bytes.writeUInt32LE(offset, at + 10)
    bytes.writeUInt32LE(key.length, at + 14)
    bytes.writeUInt32LE(value ? value.length : removed, at + 18)
    bytes.set(key, at + recordHeadBytes)
    if (value) bytes.set(value, at + recordHeadBytes + key.length)
    this.length = at + recordHeadBytes + key.length + (value?.length ?? 0)
    bytes.writeUInt32LE(crc32c(bytes, at + 4, this.length), at)
    return at
  }

  /** Ends the frame, which is valid until the next one is begun. @param meta ends its unit */
  finish(previous: number, meta?: string): Buffer {
    const recordBytes = this.length - frameHeadBytes
    const metaBytes = meta === undefined ? 0 : Buffer.byteLength(meta)
    this.#reserve(metaBytes)
    if (meta !== undefined) this.#bytes.write(meta, this.length)
    const frame = this.#bytes.subarray(0, this.length + metaBytes)
    frame.writeUInt32LE(previous, 4)
    frame.writeUInt32LE(recordBytes, 8)
    frame.writeUInt32LE(metaBytes, 12)
    frame.writeUInt32LE(crc32c(frame, 4), 0)
    this.length = frameHeadBytes
    return frame
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.length + count, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.length)
    this.#bytes = grown
  }
}

export const frameChecksum = (frame: Buffer): number => frame.readUInt32LE(0)

/** The length of a frame by its head. */
export function frameLength(head: Buffer): number {
  return frameHeadBytes + head.readUInt32LE(8) + head.readUInt32LE(12)
}

export function isSoundFrame(frame: Buffer, previous: number): boolean {
  return frame.readUInt32LE(4) === previous && crc32c(frame, 4) === frame.readUInt32LE(0)
}

/**
 * The end of the unit; undefined if the unit continues.
 *
 * @param frame a sound one
 * @returns 'unreadable' when no kafkado has written what is in the frame, although its checksum is right
 */
export function frameMeta(frame: Buffer): JournalMeta | undefined | 'unreadable' {
  if (!hasWholeRecords(frame)) return 'unreadable'
  const metaBytes = frame.readUInt32LE(12)
  if (metaBytes === 0) return undefined
  return storedJson(frame.toString('utf8', frame.length - metaBytes), isMeta) ?? 'unreadable'
}

/** Whether its records end where it says. */
function hasWholeRecords(frame: Buffer): boolean {
  const [view, end] = [new RecordView(), frameHeadBytes + frame.readUInt32LE(8)]
  let at = frameHeadBytes
  while (at + recordHeadBytes <= end) {
    view.lookAt(frame, at)
    at += view.length
  }
  return at === end
}

/** Reads records at any place of some bytes; reuse one view for many. */
export class RecordView {
  #bytes: Buffer = Buffer.alloc(0)
  /** The start of the record in the bytes. */
  at = 0

  /** @param bytes include at least the head of the record */
  lookAt(bytes: Buffer, at: number): void {
    this.#bytes = bytes
    this.at = at
  }

  get store(): number {
    return this.#bytes.readUInt16LE(this.at + 4)
  }

  get replacedFile(): number {
    return this.#bytes.readUInt32LE(this.at + 6)
  }

  get replacedOffset(): number {
    return this.#bytes.readUInt32LE(this.at + 10)
  }

  get keyBytes(): number {
    return this.#bytes.readUInt32LE(this.at + 14)
  }

  get isRemoval(): boolean {
    return this.#bytes.readUInt32LE(this.at + 18) === removed
  }

  get valueBytes(): number {
    return this.isRemoval ? 0 : this.#bytes.readUInt32LE(this.at + 18)
  }

  get keyAt(): number {
    return this.at + recordHeadBytes
  }

  /** Including its head. */
  get length(): number {
    return recordHeadBytes + this.keyBytes + this.valueBytes
  }

  get key(): Buffer {
    return this.#bytes.subarray(this.keyAt, this.keyAt + this.keyBytes)
  }

  get value(): Buffer {
    const start = this.keyAt + this.keyBytes
    return this.#bytes.subarray(start, start + this.valueBytes)
  }

  get isSound(): boolean {
    return crc32c(this.#bytes, this.at + 4, this.at + this.length) === this.#bytes.readUInt32LE(this.at)
  }

  isOf(store: number, key: Uint8Array): boolean {
    if (this.store !== store || this.keyBytes !== key.length) return false
    const { keyAt } = this
    return this.#bytes.compare(key, 0, key.length, keyAt, keyAt + key.length) === 0
  }
}

/** The records of a sound frame, one after the other, in the same view. */
export function* recordsOf(frame: Buffer): Generator<RecordView> {
  const view = new RecordView()
  const end = frameHeadBytes + frame.readUInt32LE(8)
  for (let at = frameHeadBytes; at < end; at += view.length) {
    view.lookAt(frame, at)
    yield view
  }
}
