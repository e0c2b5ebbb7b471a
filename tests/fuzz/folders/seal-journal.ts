import {
  batchOverheadBytes,
  crc32c,
  recordBatchFieldsAt as fieldsAt,
  recordBatchHeaderBytes,
} from '@kafkado/core/internal'
import { oddDoubles, withDouble } from './change-folder.ts'
import type { RandomBytes } from '../target.ts'

/**
 * Makes the checksums of a journal right again, as far as its files have places for them. It reads them itself, so that
 * a fault in what is fuzzed does not hide here.
 */
export function sealJournal(files: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of files) {
    if (/^\d+\.journal$/.test(name)) sealFrames(bytes)
    else if (name === 'acknowledged' && bytes.length >= 28) bytes.writeUInt32LE(crc32c(bytes, 0, 24), 24)
  }
  for (const [name, bytes] of files) if (/^\d+\.checkpoint$/.test(name)) sealCheckpoint(bytes, files)
  for (const [name, bytes] of files)
    if (/^\d+\.(journal|checkpoint)$/.test(name) && bytes.length >= 64) bytes.writeUInt32LE(crc32c(bytes, 0, 60), 60)
}

function sealFrames(bytes: Buffer): void {
  for (let at = 64; at + 32 <= bytes.length && bytes.readUInt32LE(at) === 0x4d_52_46_4b;) {
    const payloadAt = at + 32 + bytes.readUInt32LE(at + 12)
    if (payloadAt > bytes.length) return
    sealBatches(bytes, at + 32, payloadAt)
    bytes.writeUInt32LE(crc32c(bytes, at + 8, payloadAt), at + 4)
    at = Math.floor(payloadAt + Math.max(bytes.readDoubleLE(at + 24), 0))
  }
}

/** The checks of the batches that a descriptor lists. */
function sealBatches(bytes: Buffer, start: number, payloadAt: number): void {
  const numbers = new Numbers(bytes, start, payloadAt)
  let batchAt = payloadAt
  for (let list = 0; list < 3; list++) {
    for (let runs = numbers.next(); runs > 0 && !numbers.isOver; runs--) {
      numbers.next()
      for (let count = numbers.next(); count > 0 && !numbers.isOver; count--) {
        numbers.next()
        const end = batchAt + numbers.next()
        const check = numbers.skip(4)
        if (numbers.isOver || end > bytes.length) return
        bytes.writeUInt32LE(checkOf(bytes.subarray(batchAt, end)), check)
        batchAt = end
      }
    }
  }
}

/** Of a record batch the header is checked, with the checksum of the rest in it. */
function checkOf(batch: Buffer): number {
  const isRecordBatch =
    batch.length >= recordBatchHeaderBytes &&
    batch[fieldsAt.magic] === 2 &&
    batch.readUInt32BE(fieldsAt.batchLength) + batchOverheadBytes === batch.length
  if (isRecordBatch) batch.writeUInt32BE(crc32c(batch, fieldsAt.attributes), fieldsAt.crc)
  return crc32c(batch, 0, isRecordBatch ? recordBatchHeaderBytes : batch.length)
}

function sealCheckpoint(bytes: Buffer, files: ReadonlyMap<string, Buffer>): void {
  if (bytes.length < 64) return
  const [directoryAt, directoryBytes, metadataAt, metadataBytes] = [16, 24, 32, 40].map((at) => bytes.readDoubleLE(at))
  sealBlocks(bytes, metadataAt as number, metadataBytes as number)
  const directory = partOf(bytes, directoryAt as number, directoryBytes as number)
  if (!directory) return
  sealChunks(directory, files)
  bytes.writeUInt32LE(crc32c(directory), 12)
}

function sealBlocks(bytes: Buffer, start: number, count: number): void {
  const section = partOf(bytes, start, count)
  for (let at = 0; section && at + 8 <= section.length;) {
    const end = at + 8 + section.readUInt32LE(at)
    if (end > section.length) return
    section.writeUInt32LE(crc32c(section, at + 8, end), at + 4)
    at = end
  }
}

/** The checksums of the chunks that a directory lists, in its own file or an older one. */
function sealChunks(directory: Buffer, files: ReadonlyMap<string, Buffer>): void {
  const numbers = new Numbers(directory, 0, directory.length)
  numbers.next()
  numbers.next()
  for (let left = numbers.next(); left > 0 && !numbers.isOver; left--) {
    numbers.next()
    numbers.skip(4)
    for (let field = 0; field < 4; field++) numbers.next()
  }
  for (let left = numbers.next() * 3; left > 0 && !numbers.isOver; left--) numbers.next()
  for (let logs = numbers.next(); logs > 0 && !numbers.isOver; logs--) {
    numbers.next()
    for (let table = 0; table < 2; table++) {
      for (let chunks = numbers.next(); chunks > 0 && !numbers.isOver; chunks--) {
        for (let field = 0; field < 3; field++) numbers.next()
        const [checkpoint, position, count] = [numbers.next(), numbers.next(), numbers.next()] as const
        const crcAt = numbers.skip(4)
        const chunk = partOf(files.get(`${checkpoint}.checkpoint`), position, count)
        if (chunk && !numbers.isOver) directory.writeUInt32LE(crc32c(chunk), crcAt)
      }
    }
  }
}

function partOf(bytes: Buffer | undefined, at: number, count: number): Buffer | undefined {
  const isWithin = bytes !== undefined && at >= 0 && count >= 0 && at + count <= bytes.length
  return isWithin && Number.isInteger(at) && Number.isInteger(count) ? bytes.subarray(at, at + count) : undefined
}

/** Numbers of seven bits a byte, and what lies between them. */
class Numbers {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get isOver(): boolean {
    return this.#at > this.#end
  }

  next(): number {
    let [value, scale] = [0, 1]
    for (;;) {
      const byte = this.#at < this.#end ? (this.#bytes[this.#at] as number) : 0
      this.#at++
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }

  /** Returns where it was before. */
  skip(count: number): number {
    this.#at += count
    return this.#at - count
  }
}

/** One of the numbers of a head, or a byte anywhere behind it. */
export function changeJournalFile(name: string, bytes: Buffer, random: RandomBytes): Buffer {
  const isCheckpoint = name.endsWith('.checkpoint')
  if (bytes.length > 64 && random.below(3) === 0)
    return withDouble(bytes, random.pick(isCheckpoint ? [16, 24, 32, 40] : [16, 24, 80, 88]), random.pick(oddDoubles))
  // The rows of chunks, which come first, have doubles at multiples of four.
  if (isCheckpoint && bytes.length > 300 && random.below(3) === 0)
    return withDouble(bytes, 64 + 4 * random.below(56), random.pick(oddDoubles))
  const changed = Buffer.from(bytes)
  const from = Math.min(isCheckpoint ? 64 : 96, bytes.length)
  for (let left = 1 + random.below(3); left > 0 && from < bytes.length; left--) {
    const at = from + random.below(bytes.length - from)
    changed[at] = random.below(2) === 0 ? (changed[at] as number) + random.pick([1, -1, 2, 8]) : random.below(256)
  }
  return changed
}
