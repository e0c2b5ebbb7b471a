import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { JournalFiles } from './journal-files.ts'
import { givenUpName, stateFileName, stateFileNumber } from './file-head.ts'

/**
 * How a file goes, though another process may open the folder at any moment, and may have read what was there before
 * the file was given up, so that it needs it. Whoever removes one
 *
 * 1. gives it another name,
 * 2. sees that it still is the owner, and leaves it there otherwise,
 * 3. removes it.
 *
 * Whoever opens a folder finds files by either name, and makes its own file, by which it is the owner; only then it
 * gives those that it needs their names back. Where it finds a file by its name, a former owner gives that another name
 * later, if at all, and so sees that it is the owner no longer. Where it does not, it renames the file, or copies it
 * when that is gone already, as it has it open. Its own file has a head after that: until then it counts for nothing.
 *
 * @param requireOwner fails for whoever is the owner no longer
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
 * Gives files their names that have lost them.
 *
 * @param number of the file that the new owner has just made
 * @param names that there are since
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
  // Nobody else makes a file by that number.
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
