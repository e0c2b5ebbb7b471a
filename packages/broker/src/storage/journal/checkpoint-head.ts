import type { JournalFile, JournalFolder } from './journal-folder.ts'
import { beginHead, headBytes, type HeadKind, numberOfFile, readHead, sealHead } from './numbered-head.ts'

/**
 * A checkpoint `N.checkpoint` holds the result of all frames up to a certain one, so that opening a folder only reads
 * the frames behind it. It is incremental: unchanged chunks of tables and sections of metadata stay in the checkpoints
 * that have them, and the directory of the newest one lists their places. The name of its head is "KFKCKPT1"
 * (numbered-head.ts), and the rest is little-endian as well:
 *
 *     at  size  field
 *     12     4  directoryCrc       CRC-32C of the directory (checkpoint-directory.ts)
 *     16     8  directoryAt
 *     24     8  directoryBytes
 *     32     8  metadataAt         its own section of metadata
 *     40     8  metadataBytes
 *     48    12  zeros
 *     64        chunks (chunk-codec.ts), the directory, the metadata: blocks of u32 length,
 *               u32 CRC-32C, and that many bytes of keys and values, in ByteWriter's form of
 *               strings; an empty value removes the key
 *
 * It is made as `N.checkpoint.new`, synced, renamed, and its folder synced; so a file named `N.checkpoint` is whole.
 * Afterwards, checkpoints without a reference from the newest one are removed.
 */
export interface CheckpointHead {
  readonly directoryCrc: number
  readonly directoryAt: number
  readonly directoryBytes: number
  readonly metadataAt: number
  readonly metadataBytes: number
}

export const checkpointHeadBytes = headBytes

export const checkpointName = (number: number): string => `${number}.checkpoint`

const kind: HeadKind = { magic: Buffer.from('KFKCKPT1', 'latin1'), what: 'a checkpoint', fileName: checkpointName }

/** The number of a checkpoint; undefined if the name is not a checkpoint's. */
export function checkpointNumber(name: string): number | undefined {
  return numberOfFile(name, '.checkpoint')
}

export function encodeCheckpointHead(number: number, head: CheckpointHead): Buffer {
  const bytes = beginHead(kind, number)
  bytes.writeUInt32LE(head.directoryCrc, 12)
  bytes.writeDoubleLE(head.directoryAt, 16)
  bytes.writeDoubleLE(head.directoryBytes, 24)
  bytes.writeDoubleLE(head.metadataAt, 32)
  bytes.writeDoubleLE(head.metadataBytes, 40)
  return sealHead(bytes)
}

/** @throws StorageError when it is not a checkpoint, or has another number */
export function readCheckpointHead(folder: JournalFolder, number: number, file: JournalFile): CheckpointHead {
  const fields = readHead(kind, folder, number, file)
  return {
    directoryCrc: fields.u32(12),
    directoryAt: fields.count(16),
    directoryBytes: fields.count(24),
    metadataAt: fields.count(32),
    metadataBytes: fields.count(40),
  }
}
