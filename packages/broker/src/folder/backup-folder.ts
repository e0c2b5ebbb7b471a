import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidRequestError, StorageError, systemRuntime } from '@kafkado/core'
import { JournalStorage } from '../storage/journal/journal-storage.ts'
import { NodeFolder } from '../storage/journal/node-folder.ts'
import { copySnapshot } from '../storage/journal/snapshot.ts'
import { syncFolder } from '../storage/sync-folder.ts'
import { writeManifest } from './backup-manifest.ts'
import { contentOf, type FolderContent, type FolderSize } from './folder-content.ts'
import { foundStorage, requireJournal } from './folder-storage.ts'
import { type DamagedRecords, verifyFolder } from './verify-folder.ts'

/** The content of the backup. */
export interface BackedUpFolder extends FolderSize {
  /** Damaged records in the folder, and so in the backup. */
  readonly damaged: readonly DamagedRecords[]
}

/**
 * Copies a folder as it is at one moment. An engine may write to it meanwhile and need not wait; the backup has
 * everything acknowledged before. It is then compared with its checksums, and an engine can open it as a folder.
 *
 * @param backup an empty or missing folder
 * @throws InvalidRequestError when the folder has no journal, or the place of the backup is taken
 * @throws StorageError when one of them cannot be read or written, or the damage would keep any engine from opening the
 *   folder
 */
export async function backupFolder(folder: string, backup: string): Promise<BackedUpFolder> {
  requireJournal(folder)
  await makeEmpty(backup, 'the backup')
  const createdAt = systemRuntime.clock.now()
  const place = new NodeFolder(join(backup, 'journal'))
  try {
    await place.make()
    await copySnapshot(new NodeFolder(join(folder, 'journal')), place)
  } catch (cause) {
    throw StorageError.is(cause)
      ? cause
      : new StorageError(`the folder ${folder} cannot be copied to ${backup}: ${String(cause)}`, {
          cause,
          retriable: false,
          outcome: 'failed',
        })
  }
  const { damaged } = await verifyFolder(backup)
  const content = await journalContent(place)
  await writeManifest(backup, { createdAt, ...content })
  await syncFolder(backup)
  const { topics, partitions, batches, bytes } = content
  return { topics, partitions, batches, bytes, damaged }
}

/** The content of a journal that is not in use. */
export async function journalContent(place: NodeFolder): Promise<FolderContent> {
  const storage = new JournalStorage(place.path, { disk: place })
  await storage.open()
  try {
    return await contentOf(storage)
  } finally {
    await storage.close()
  }
}

/** @throws InvalidRequestError when the folder is not empty */
export async function makeEmpty(folder: string, what: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  if (foundStorage(folder) !== undefined || (await readdir(folder)).some((name) => !leftovers.has(name)))
    throw new InvalidRequestError(`the folder ${folder} is not empty; ${what} needs a folder of its own`)
}

/** Files that a failed attempt may leave, none of which hold data. */
const leftovers = new Set(['lock', 'process-id', 'journal.new'])
