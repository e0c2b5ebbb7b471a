import type { JournalFile, JournalFolder } from './journal-folder.ts'
import { beginHead, headBytes, type HeadKind, numberOfFile, readHead, sealHead } from './numbered-head.ts'

/**
 * The head of a journal file `N.journal`, N from 1 on, named "KFKJRNL1"; frames follow it (see frame.ts). Its fields
 * (see numbered-head.ts for the rest of the head):
 *
 *     at  size  field
 *     12     4  nonce            random; each frame repeats it, so that nothing else passes for a frame of this file
 *     16     8  start            the address of the file's first byte: addresses continue from file to file, from 0 on
 *     24     8  firstSequence    of its first frame
 *     32    28  zeros
 *
 * A file is made as `N.journal.new`, synced, renamed, and its folder synced, before a frame is written to it. So a file
 * named `N.journal` has a whole head, even after a power cut. The file before it is complete by then, and ends where
 * the next one starts; zeros may follow, because truncating a file is not synced.
 */
export interface JournalHead {
  readonly number: number
  readonly nonce: number
  readonly start: number
  readonly firstSequence: number
}

export const fileHeadBytes = headBytes
const beginning = '.new'

export const journalName = (number: number): string => `${number}.journal`

const kind: HeadKind = { magic: Buffer.from('KFKJRNL1', 'latin1'), what: 'a journal file', fileName: journalName }

/** The number of a journal file; undefined if the name is not a journal file's. */
export function journalNumber(name: string): number | undefined {
  return numberOfFile(name, '.journal')
}

/** Makes a file, and makes it and its name durable. */
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

/** @throws StorageError when it is not a journal file, or has another number */
export function readFileHead(folder: JournalFolder, number: number, file: JournalFile): JournalHead {
  const fields = readHead(kind, folder, number, file)
  return { number, nonce: fields.u32(12), start: fields.count(16), firstSequence: fields.count(24, 1) }
}

function encodeHead({ number, nonce, start, firstSequence }: JournalHead): Buffer {
  const bytes = beginHead(kind, number)
  bytes.writeUInt32LE(nonce, 12)
  bytes.writeDoubleLE(start, 16)
  bytes.writeDoubleLE(firstSequence, 24)
  return sealHead(bytes)
}
