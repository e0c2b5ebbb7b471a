import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { JournalHead } from './file-head.ts'
import type { SortedTable } from './sorted-table.ts'
import { TableChunk } from './table-chunk.ts'

/**
 * The directory of a checkpoint: the frames it covers, and the places of all its parts. Numbers are those of
 * ByteWriter; each list begins with its count:
 *
 *     sequence, end        the last frame that counts, and the address behind it
 *     files                number, u32 nonce, start, firstSequence, end of its frames, bytes of batches
 *                          that count; frames continue in the last one
 *     metadata             sections of other checkpoints, in the order in which they count: checkpoint, position, bytes
 *     logs                 log id, then chunks of batches, chunks of the index, each: rows, first key, last key
 *                          less the first, checkpoint, position, bytes, u32 CRC-32C
 */
export interface CheckpointDirectory {
  readonly sequence: number
  readonly end: number
  readonly files: readonly DirectoryFile[]
  readonly metadata: readonly MetadataSection[]
  readonly logs: ReadonlyMap<number, readonly [batches: TableChunk[], index: TableChunk[]]>
}

export interface DirectoryFile {
  readonly head: JournalHead
  readonly length: number
  readonly liveBytes: number
}

export interface MetadataSection {
  readonly checkpoint: number
  readonly position: number
  readonly bytes: number
}

/** The state that a checkpoint holds. */
interface StateToWrite {
  readonly sequence: number
  readonly end: number
  readonly logs: ReadonlyMap<number, { readonly batches: SortedTable; readonly index: SortedTable }>
}

/** @param files the remaining files */
export function encodeDirectory(
  { sequence, end, logs }: StateToWrite,
  files: readonly DirectoryFile[],
  metadata: readonly MetadataSection[],
): Buffer {
  const writer = new ByteWriter(64 * 1024)
  writer.number(sequence)
  writer.number(end)
  writer.number(files.length)
  for (const { head, length, liveBytes } of files) {
    writer.number(head.number)
    writer.u32(head.nonce)
    writer.number(head.start)
    writer.number(head.firstSequence)
    writer.number(length)
    writer.number(liveBytes)
  }
  writer.number(metadata.length)
  for (const { checkpoint, position, bytes } of metadata) {
    writer.number(checkpoint)
    writer.number(position)
    writer.number(bytes)
  }
  writer.number(logs.size)
  for (const [logId, { batches, index }] of logs) {
    writer.number(logId)
    encodeChunks(writer, batches.chunks)
    encodeChunks(writer, index.chunks)
  }
  return writer.written
}

function encodeChunks(writer: ByteWriter, chunks: readonly TableChunk[]): void {
  writer.number(chunks.length)
  for (const { rows, firstKey, lastKey, place } of chunks) {
    if (!place) throw new Error('a chunk has no place')
    writer.number(rows)
    writer.number(firstKey)
    writer.number(lastKey - firstKey)
    writer.number(place.checkpoint)
    writer.number(place.position)
    writer.number(place.bytes)
    writer.u32(place.crc)
  }
}

/** @param bytes with a verified checksum */
export function decodeDirectory(bytes: Buffer): CheckpointDirectory {
  const reader = new ByteReader(bytes)
  const [sequence, end] = [reader.number(), reader.number()]
  const files = list(reader, (): DirectoryFile => {
    const [number, nonce, start, firstSequence] = [reader.number(), reader.u32(), reader.number(), reader.number()]
    const [length, liveBytes] = [reader.number(), reader.number()]
    return { head: { number, nonce, start, firstSequence }, length, liveBytes }
  })
  const metadata = list(reader, (): MetadataSection => {
    const [checkpoint, position, size] = [reader.number(), reader.number(), reader.number()]
    return { checkpoint, position, bytes: size }
  })
  const logs = list(reader, () => {
    const logId = reader.number()
    return [logId, [list(reader, () => decodeChunk(reader)), list(reader, () => decodeChunk(reader))]] as const
  })
  return { sequence, end, files, metadata, logs: new Map(logs) }
}

function decodeChunk(reader: ByteReader): TableChunk {
  const [rows, firstKey, span] = [reader.number(), reader.number(), reader.number()]
  const [checkpoint, position, bytes, crc] = [reader.number(), reader.number(), reader.number(), reader.u32()]
  return new TableChunk(rows, firstKey, firstKey + span, { checkpoint, position, bytes, crc })
}

function list<T>(reader: ByteReader, read: () => T): T[] {
  const items: T[] = []
  for (let left = reader.number(); left > 0; left--) items.push(read())
  return items
}
