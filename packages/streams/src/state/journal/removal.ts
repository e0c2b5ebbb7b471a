import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { JournalFiles } from './journal-files.ts'
import { givenUpName, stateFileName, stateFileNumber } from './file-head.ts'

/**
 * Removes a file. Another process may open the folder at any moment, and may have read the names before, so that it
 * needs the file. The owner
 *
 * 1. renames the file,
 * 2. checks that it still is the owner, and otherwise leaves the file there,
 * 3. removes it.
 *
 * A process that opens a folder finds files by either name. It makes its own file, which makes it the owner, and only
 * then restores the names of the files it needs. If it finds a file by its proper name, a former owner renames that
 * file later, if at all, and so notices that it is no longer the owner. Otherwise the new owner renames the file; if it
 * is gone already, it copies the file, which it has open. Its own file gets its head only after that: until then it
 * does not count.
 *
 * @param requireOwner fails for a former owner
 */
export async function removeFile(
  folder: JournalFolder,
  name: string,
  requireOwner: () => Promise<void>,
): Promise<void> {
  if (stateFileNumber(name) === undefined) return folder.remove(name)
  try {
    await folder.rename(name, givenUpName(name))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  await requireOwner()
  await folder.remove(givenUpName(name))
}

/**
 * Restores the names of files.
 *
 * @param number of the file that the new owner has just made
 * @param names the names present since
 */
export async function restoreNames(
  folder: JournalFolder,
  files: JournalFiles,
  number: number,
  names: readonly string[],
): Promise<void> {
  for (const one of files.all) {
    const name = stateFileName(one.number)
    if (names.includes(name)) continue
    try {
      await folder.rename(givenUpName(name), name)
    } catch (error) {
      if (!isMissing(error)) throw error
      files.add({ ...one, file: await copied(folder, one.file, one.length, number, name), isUnsynced: true })
      await one.file.close()
    }
  }
}

const pieceBytes = 1024 * 1024

async function copied(
  folder: JournalFolder,
  from: JournalFile,
  length: number,
  number: number,
  name: string,
): Promise<JournalFile> {
  // No other process makes a file by that number.
  const beginning = `${stateFileName(number)}.new`
  await folder.remove(beginning)
  const file = await folder.create(beginning)
  if (!file) throw new Error(`somebody else makes ${beginning}`)
  try {
    for (let at = 0; at < length;) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, length - at))
      if ((await from.read(piece, at)) < piece.length) throw new Error(`${name} has become shorter while it was read`)
      await file.write(piece, at)
      at += piece.length
    }
    await folder.rename(beginning, name)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
