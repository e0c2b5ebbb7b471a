import { crc32c } from '@kafkado/core/internal'
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { type BatchRun, emptyRun, FrameOperations } from './frame-operations.ts'
import type { StoredFields } from './stored-content.ts'

/**
 * A frame is the write of one group commit: all of its units count, or none. Frames are back to back behind the head of
 * a journal file; behind the last one the file ends, or has zeros. Little-endian:
 *
 *     at  size  field
 *      0     4  "KFRM"
 *      4     4  CRC-32C of all from here to the end of the descriptor
 *      8     4  nonce              the nonce of the file
 *     12     4  descriptorBytes
 *     16     8  sequence           one more than in the previous frame, also across files
 *     24     8  payloadBytes
 *     32        descriptor
 *               payload            the batches, in the order of the descriptor
 *
 * The descriptor has numbers and strings in ByteWriter's form; each list begins with its count:
 *
 *     appended, replaced   runs: log id, count, and for each batch lastOffset, less that of the previous batch
 *                          in the run; length; u32 check
 *     moved                the same, and the former address of each batch
 *     removed batches      log id, lastOffset
 *     index entries        log id, baseOffset, f64 maxTimestamp, position
 *     records              key and value, both JSON in UTF-8; an empty value removes the key
 *     removals             log id, beforeOffset + 1; 0 for all of the log
 *
 * A frame is sound when its checksum is right, its sequence is the next one, it is complete, and each batch of its
 * payload matches its check in the descriptor (batchCheck in frame-operations.ts).
 */
export const frameHeadBytes = 32
const magic = 0x4d_52_46_4b
export const frameMagic: Buffer = Buffer.from('KFRM', 'latin1')
/** Longer ones are written from their own memory; copying shorter ones costs less than writing them one by one. */
const copiedBytes = 4096

export interface EncodedFrame {
  readonly operations: FrameOperations
  /** Valid until the next frame is encoded. */
  readonly parts: Uint8Array[]
  readonly length: number
  /** The start of the payload within the frame. */
  readonly payloadAt: number
}

/** Encodes frames in reused memory. */
export class FrameEncoder {
  readonly #writer = new ByteWriter(64 * 1024)
  readonly #copied = new ByteWriter(64 * 1024)

  encode(operations: FrameOperations, nonce: number, sequence: number): EncodedFrame {
    const writer = this.#writer
    writer.clear()
    writer.skip(frameHeadBytes)
    describe(writer, operations)
    const { parts, bytes } = this.#payload([operations.appended, operations.replaced, operations.moved])
    const head = writer.written
    head.writeUInt32LE(magic, 0)
    head.writeUInt32LE(nonce, 8)
    head.writeUInt32LE(head.length - frameHeadBytes, 12)
    head.writeDoubleLE(sequence, 16)
    head.writeDoubleLE(bytes, 24)
    head.writeUInt32LE(crc32c(head, 8), 4)
    return { operations, parts: [head, ...parts], length: head.length + bytes, payloadAt: head.length }
  }

  #payload(lists: readonly (readonly BatchRun[])[]): { parts: Uint8Array[]; bytes: number } {
    const copied = this.#copied
    copied.clear()
    /** Long batches, and the ends of the copied bytes between them. */
    const pieces: (Uint8Array | number)[] = []
    let bytes = 0
    for (const batches of lists.flat().map((run) => run.bytes)) {
      for (const batch of batches) {
        bytes += batch.length
        if (batch.length > copiedBytes) pieces.push(copied.length, batch)
        else copied.bytes(batch)
      }
    }
    pieces.push(copied.length)
    const [all, parts] = [copied.written, [] as Uint8Array[]]
    let start = 0
    for (const piece of pieces) {
      if (typeof piece !== 'number') parts.push(piece)
      else if (piece > start) parts.push(all.subarray(start, (start = piece)))
    }
    return { parts, bytes }
  }
}

function describe(writer: ByteWriter, operations: FrameOperations): void {
  describeRuns(writer, operations.appended)
  describeRuns(writer, operations.replaced)
  describeRuns(writer, operations.moved)
  for (const from of operations.movedFrom.flat()) writer.number(from)
  writer.number(operations.removedBatches.length)
  for (const [logId, lastOffset] of operations.removedBatches) {
    writer.number(logId)
    writer.number(lastOffset)
  }
  writer.number(operations.indexEntries.length)
  for (const { logId, baseOffset, maxTimestamp, position } of operations.indexEntries) {
    writer.number(logId)
    writer.number(baseOffset)
    writer.f64(maxTimestamp)
    writer.number(position)
  }
  writer.number(operations.records.length)
  for (const { key, value } of operations.records) {
    writer.text(key)
    writer.text(value ?? '')
  }
  writer.number(operations.removals.length)
  for (const { logId, beforeOffset } of operations.removals) {
    writer.number(logId)
    writer.number(beforeOffset === null ? 0 : beforeOffset + 1)
  }
}

function describeRuns(writer: ByteWriter, runs: readonly BatchRun[]): void {
  writer.number(runs.length)
  for (const { logId, lastOffsets, lengths, checks } of runs) {
    writer.number(logId)
    writer.number(lastOffsets.length)
    let previous = 0
    for (let index = 0; index < lastOffsets.length; index++) {
      const lastOffset = lastOffsets[index] as number
      writer.number(lastOffset - previous)
      writer.number(lengths[index] as number)
      writer.u32(checks[index] as number)
      previous = lastOffset
    }
  }
}

/** The length of head and descriptor of a frame that may begin here; undefined if none does. */
export function describedBytes(head: Buffer, nonce: number): number | undefined {
  if (head.length < frameHeadBytes || head.readUInt32LE(0) !== magic || head.readUInt32LE(8) !== nonce) return undefined
  return frameHeadBytes + head.readUInt32LE(12)
}

/** Whether the checksum over head and descriptor is right. */
export function isFrameSound(headAndDescriptor: Buffer): boolean {
  return crc32c(headAndDescriptor, 8) === headAndDescriptor.readUInt32LE(4)
}

/** The numbers in the head of a sound frame. */
export function frameCounts(fields: StoredFields): { readonly sequence: number; readonly payloadBytes: number } {
  return { sequence: fields.count(16, 1), payloadBytes: fields.count(24) }
}

/** @param reader of the descriptor of a sound frame */
export function decodeOperations(reader: ByteReader): FrameOperations {
  const operations = new FrameOperations()
  operations.appended.push(...decodeRuns(reader))
  operations.replaced.push(...decodeRuns(reader))
  operations.moved.push(...decodeRuns(reader))
  for (const { lengths } of operations.moved) operations.movedFrom.push(lengths.map(() => reader.number()))
  reader.list(() => operations.removedBatches.push([reader.number(), reader.number()]))
  reader.list(() => {
    const [logId, baseOffset, maxTimestamp, position] = [
      reader.number(),
      reader.number(),
      reader.f64(),
      reader.number(),
    ]
    if (!Number.isInteger(maxTimestamp) || maxTimestamp < -1) reader.refuse(`${maxTimestamp} is no timestamp`)
    operations.indexEntries.push({ logId, baseOffset, maxTimestamp, position })
  })
  reader.list(() => {
    const [key, value] = [reader.text(), reader.text()]
    operations.records.push({ key, value: value === '' ? null : value })
  })
  reader.list(() => {
    const [logId, before] = [reader.number(), reader.number()]
    operations.removals.push({ logId, beforeOffset: before === 0 ? null : before - 1 })
  })
  return operations
}

function decodeRuns(reader: ByteReader): BatchRun[] {
  return reader.list(() => {
    const run = emptyRun(reader.number())
    let lastOffset = -1
    reader.list(() => {
      const next = Math.max(lastOffset, 0) + reader.number()
      if (next <= lastOffset || next > Number.MAX_SAFE_INTEGER) reader.refuse(`offset ${next} follows ${lastOffset}`)
      run.lastOffsets.push((lastOffset = next))
      run.lengths.push(reader.number())
      run.checks.push(reader.u32())
    })
    return run
  })
}
