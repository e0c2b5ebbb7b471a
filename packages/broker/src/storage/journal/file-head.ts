import { crc32c } from '@kafkado/core/internal'
import { damagedFile } from './journal-damage.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

/**
 * The head of a journal file `N.journal`, little-endian; frames follow it (see frame.ts):
 *
 *     at  size  field
 *      0     8  "KFKJRNL1"       the last character grows when the format changes
 *      8     4  number           N, from 1 on
 *     12     4  nonce            by chance; each frame repeats it, so that nothing else is taken for one of this file
 *     16     8  start            the address of the file's first byte: files lie one behind the other from 0 on
 *     24     8  firstSequence    of its first frame
 *     32    28  zeros
 *     60     4  CRC-32C of all before
 *
 * A file is made as `N.journal.new`, synced, renamed, and its folder synced, before a frame is written to it: so a file
 * by that name has a whole head, whatever the power did. The file before it is complete by then. Its end is where the
 * next one starts; what it has behind that is zeros, because a file that is cut off is not synced.
 */
export interface JournalHead {
  readonly number: number
  readonly nonce: number
  readonly start: number
  readonly firstSequence: number
}

export const fileHeadBytes = 64
const magic = Buffer.from('KFKJRNL1', 'latin1')
const beginning = '.new'

export const journalName = (number: number): string => `${number}.journal`

/** The number of a journal file; undefined when the name is none of one. */
export function journalNumber(name: string): number | undefined {
  const found = /^([1-9][0-9]*)\.journal$/.exec(name)
  return found ? Number(found[1]) : undefined
}

/** Makes a file and everything about it durable. */
export async function makeJournalFile(folder: JournalFolder, head: JournalHead): Promise<JournalFile> {
  const name = journalName(head.number)
  const file = folder.create(name + beginning, 'appended')
  try {
    await file.append([encodeHead(head)], 0)
    await file.sync()
    await folder.rename(name + beginning, name)
    await folder.sync()
    return file
  } catch (error) {
    file.close()
    throw error
  }
}

/** @throws StorageError when it is no journal file, or that of another number */
export function readFileHead(folder: JournalFolder, number: number, file: JournalFile): JournalHead {
  const bytes = Buffer.alloc(fileHeadBytes)
  const found = file.readSync([bytes], 0)
  const refuse = (byte: number, what: string): never => {
    throw damagedFile({ folder: folder.path, file: journalName(number), byte }, what)
  }
  if (found < fileHeadBytes) refuse(found, `it ends within its head of ${fileHeadBytes} bytes`)
  if (bytes.compare(magic, 0, 7, 0, 7) !== 0 || crc32c(bytes, 0, 60) !== bytes.readUInt32LE(60))
    refuse(0, 'it does not begin with the head of a journal file')
  if (bytes[7] !== magic[7])
    refuse(
      7,
      `it has the format ${String.fromCharCode(bytes[7] as number)}, and this version of kafkado reads format 1`,
    )
  if (bytes.readUInt32LE(8) !== number)
    refuse(8, `it is the file ${journalName(bytes.readUInt32LE(8))} by another name`)
  return {
    number,
    nonce: bytes.readUInt32LE(12),
    start: bytes.readDoubleLE(16),
    firstSequence: bytes.readDoubleLE(24),
  }
}

function encodeHead({ number, nonce, start, firstSequence }: JournalHead): Buffer {
  const bytes = Buffer.alloc(fileHeadBytes)
  magic.copy(bytes)
  bytes.writeUInt32LE(number, 8)
  bytes.writeUInt32LE(nonce, 12)
  bytes.writeDoubleLE(start, 16)
  bytes.writeDoubleLE(firstSequence, 24)
  bytes.writeUInt32LE(crc32c(bytes, 0, 60), 60)
  return bytes
}
