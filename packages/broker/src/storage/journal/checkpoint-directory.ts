import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { leastChunkBytes, mostChunkBytes } from './chunk-codec.ts'
import { fileHeadBytes, type JournalHead } from './file-head.ts'
import type { SortedTable } from './sorted-table.ts'
import { chunkRows, TableChunk, type TableKind } from './table-chunk.ts'

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
    // An older checkpoint may have counted less than there was; a number below 0 could not be read again.
    writer.number(Math.max(liveBytes, 0))
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

/** @param reader of bytes with a right checksum */
export function decodeDirectory(reader: ByteReader): CheckpointDirectory {
  const [sequence, end] = [reader.number(), reader.number()]
  const files = decodeFiles(reader)
  const last = files.at(-1)
  if (!last || end > last.head.start + last.length || sequence < last.head.firstSequence - 1)
    reader.refuse(`its frames go up to ${sequence}, at address ${end}, which is in none of its files`)
  const metadata = reader.list((): MetadataSection => {
    const [checkpoint, position, size] = [reader.number(), reader.number(), reader.number()]
    return { checkpoint, position, bytes: size }
  })
  const logs = new Map<number, readonly [TableChunk[], TableChunk[]]>()
  reader.list(() => {
    const logId = reader.number()
    if (logs.has(logId)) reader.refuse(`log ${logId} is there twice`)
    logs.set(logId, [decodeChunks(reader, 'batches'), decodeChunks(reader, 'index')])
  })
  return { sequence, end, files, metadata, logs }
}

function decodeFiles(reader: ByteReader): DirectoryFile[] {
  let [previous, until] = [0, 0]
  return reader.list(() => {
    const [number, nonce, start, firstSequence] = [reader.number(), reader.u32(), reader.number(), reader.number()]
    const [length, liveBytes] = [reader.number(), reader.number()]
    if (number <= previous || start < until || length < fileHeadBytes)
      reader.refuse(`file ${number} of ${length} bytes at ${start} follows file ${previous}, which ends at ${until}`)
    ;[previous, until] = [number, start + length]
    return { head: { number, nonce, start, firstSequence }, length, liveBytes }
  })
}

function decodeChunks(reader: ByteReader, kind: TableKind): TableChunk[] {
  let previous = -1
  return reader.list(() => {
    const [rows, firstKey, span] = [reader.number(chunkRows), reader.number(), reader.number()]
    const [checkpoint, position, bytes, crc] = [reader.number(), reader.number(), reader.number(), reader.u32()]
    const lastKey = firstKey + span
    if (rows === 0 || firstKey <= previous || span < rows - 1 || lastKey > Number.MAX_SAFE_INTEGER)
      reader.refuse(`${rows} rows from ${firstKey} to ${lastKey} follow ${previous}`)
    if (bytes < leastChunkBytes(rows) || bytes > mostChunkBytes(rows)) reader.refuse(`${rows} rows have ${bytes} bytes`)
    previous = lastKey
    return new TableChunk(kind, rows, firstKey, lastKey, { checkpoint, position, bytes, crc })
  })
}
