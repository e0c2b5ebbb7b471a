import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { JournalStorage } from '../storage/journal/journal-storage.ts'
import { requireJournal } from './folder-storage.ts'

/** The total size of a folder's files. */
export interface CompactedFolder {
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/**
 * Frees the space that removed and replaced records still take. Otherwise an engine leaves up to as much unused space
 * as used. It needs room for the used part of the largest file. Interrupting it loses nothing.
 *
 * @throws InvalidRequestError when the folder has no journal
 * @throws StorageError when it is in use, damaged or full
 */
export async function compactFolder(folder: string): Promise<CompactedFolder> {
  requireJournal(folder)
  const storage = new JournalStorage(folder)
  await storage.open()
  let bytesBefore: number
  try {
    bytesBefore = await bytesIn(folder)
    await storage.compact()
  } finally {
    await storage.close()
  }
  return { bytesBefore, bytesAfter: await bytesIn(folder) }
}

async function bytesIn(folder: string): Promise<number> {
  const place = join(folder, 'journal')
  const sizes = await Promise.all((await readdir(place)).map(async (name) => (await stat(join(place, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
