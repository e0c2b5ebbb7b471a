import { crc32c } from '@kafkado/core/internal'
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { CheckpointFiles, KnownCheckpoint } from './checkpoint-files.ts'
import type { MetadataSection } from './checkpoint-directory.ts'
import type { TextRecord } from './frame-operations.ts'
import type { JournalFile } from './journal-folder.ts'
import { decodeStored, readPart } from './stored-content.ts'

/** How much is collected in one turn of the event loop. */
const blockBytes = 64 * 1024
const blockHeadBytes = 8

/** Writes a section of metadata, block by block; returns its length. */
export async function writeMetadata(
  file: JournalFile,
  position: number,
  records: Iterable<readonly [string, string | null]>,
): Promise<number> {
  const writer = new ByteWriter(2 * blockBytes)
  let at = position
  const flush = async (): Promise<void> => {
    const block = writer.copy()
    block.writeUInt32LE(block.length - blockHeadBytes, 0)
    block.writeUInt32LE(crc32c(block, blockHeadBytes), 4)
    await file.write([block], at)
    at += block.length
    writer.clear()
  }
  for (const [key, value] of records) {
    if (writer.length === 0) writer.skip(blockHeadBytes)
    writer.text(key)
    writer.text(value ?? '')
    if (writer.length >= blockBytes) await flush()
  }
  if (writer.length > 0) await flush()
  return at - position
}

/** @throws StorageError that names a block that has changed since it was written */
export function readMetadataSection(checkpoints: CheckpointFiles, section: MetadataSection): TextRecord[] {
  const { file, number } = checkpoints.all.get(section.checkpoint) as KnownCheckpoint
  const bytes = readPart(file, section.position, section.bytes)
  if (!bytes) throw checkpoints.damaged(number, section.position, 'the file ends before its metadata do')
  const records: TextRecord[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + blockHeadBytes + (bytes.length >= at + blockHeadBytes ? bytes.readUInt32LE(at) : 0)
    const block = bytes.subarray(at + blockHeadBytes, end)
    const position = section.position + at
    // The checksum of nothing is 0, so zeros would look like blocks. But no block is empty.
    if (block.length === 0 || end > bytes.length || crc32c(block) !== bytes.readUInt32LE(at + 4))
      throw checkpoints.damaged(number, position, 'a block of metadata is not as it was written')
    for (const record of decodeStored(checkpoints.placeIn(number, position + blockHeadBytes), block, decodeBlock))
      records.push(record)
    at = end
  }
  return records
}

function decodeBlock(reader: ByteReader): TextRecord[] {
  const records: TextRecord[] = []
  while (!reader.isAtEnd) {
    const [key, value] = [reader.text(), reader.text()]
    records.push({ key, value: value === '' ? null : value })
  }
  return records
}
