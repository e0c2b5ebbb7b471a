import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderLock } from '../storage/folder-lock.ts'
import { NodeFolder } from '../storage/journal/node-folder.ts'
import { copySnapshot } from '../storage/journal/snapshot.ts'
import { syncFolder } from '../storage/sync-folder.ts'
import { journalContent, makeEmpty } from './backup-folder.ts'
import { readManifest } from './backup-manifest.ts'
import { type FolderSize, requireSame } from './folder-content.ts'
import { requireJournal } from './folder-storage.ts'

/**
 * Makes a folder from a backup. Logs and groups are compared with the checksums of the backup; the folder gets them
 * only if all are equal.
 *
 * @param folder an empty or missing folder
 * @throws InvalidRequestError when there is no complete backup, or the folder is taken
 * @throws StorageError when the backup is damaged, or one of the two cannot be read or written
 */
export async function restoreFolder(backup: string, folder: string): Promise<FolderSize> {
  const { checksums, createdAt: _, ...size } = await readManifest(backup)
  requireJournal(backup)
  await makeEmpty(folder, 'what is restored')
  const lock = await FolderLock.acquire(folder)
  try {
    const place = new NodeFolder(join(folder, 'journal.new'))
    await rm(place.path, { recursive: true, force: true })
    await place.make()
    await copySnapshot(new NodeFolder(join(backup, 'journal')), place)
    const what = `the backup ${backup} is damaged, and nothing was restored`
    requireSame(await journalContent(place), { checksums, ...size }, what)
    await rename(place.path, join(folder, 'journal'))
    await syncFolder(folder)
    return size
  } finally {
    await lock.release()
  }
}
