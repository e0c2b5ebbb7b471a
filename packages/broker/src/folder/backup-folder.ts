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

/** What was copied. */
export interface BackedUpFolder extends FolderSize {
  /** What is damaged in the folder, and so in the backup. */
  readonly damaged: readonly DamagedRecords[]
}

/**
 * Copies a folder as it is at one moment, also while an engine writes to it, which need not wait: everything is in the
 * backup that was acknowledged before. The backup is read and compared with its checksums, and is a folder that an
 * engine can open.
 *
 * @param backup a folder that is empty or not there yet
 * @throws InvalidRequestError when the folder has no journal, or the backup's place is taken
 * @throws StorageError when one of them cannot be read or written, or the folder is damaged so that no engine would
 *   open it
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

/** What a journal holds that is in nobody's use. */
export async function journalContent(place: NodeFolder): Promise<FolderContent> {
  const storage = new JournalStorage(place.path, { disk: place })
  await storage.open()
  try {
    return await contentOf(storage)
  } finally {
    await storage.close()
  }
}

/** @throws InvalidRequestError when something is there */
export async function makeEmpty(folder: string, what: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  if (foundStorage(folder) !== undefined || (await readdir(folder)).some((name) => !leftovers.has(name)))
    throw new InvalidRequestError(`the folder ${folder} is not empty; ${what} needs a folder of its own`)
}

/** What an attempt may leave that says nothing of what the folder holds. */
const leftovers = new Set(['lock', 'process-id', 'journal.new'])
