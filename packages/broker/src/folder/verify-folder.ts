import { join } from 'node:path'
import { FolderLock } from '../storage/folder-lock.ts'
import { partitionsOf } from './folder-content.ts'
import { requireJournal } from './folder-storage.ts'
import { NodeFolder } from '../storage/journal/node-folder.ts'
import { readJournal } from '../storage/journal/recovery.ts'
import type { JournalState } from '../storage/journal/journal-state.ts'
import { verifyJournal } from '../storage/journal/verify-journal.ts'

/** Damage in a folder. */
export interface DamagedRecords {
  readonly file: string
  readonly byte: number
  /**
   * The damaged records; undefined if a part of a file cannot be read as a whole, so that its content was not verified.
   */
  readonly records: { readonly topic: string; readonly partition: number; readonly lastOffset: number } | undefined
}

export interface VerifiedFolder {
  readonly verifiedBytes: number
  readonly damaged: readonly DamagedRecords[]
}

/**
 * Compares a folder's journal with its checksums. It changes nothing, so the folder may be read-only. A half-made last
 * write does not count, as when an engine opens the folder.
 *
 * @throws InvalidRequestError when the folder has no journal
 * @throws StorageError when it is in use, or so damaged that no engine would open it
 */
export async function verifyFolder(folder: string): Promise<VerifiedFolder> {
  requireJournal(folder)
  const lock = await FolderLock.acquireToRead(folder)
  try {
    const disk = new NodeFolder(join(folder, 'journal'))
    const journal = await readJournal(disk)
    try {
      return await verify(disk, journal.state)
    } finally {
      journal.close()
    }
  } finally {
    await lock.release()
  }
}

async function verify(disk: NodeFolder, state: JournalState): Promise<VerifiedFolder> {
  const partitions = partitionsOf(state.metadata.read('topic'))
  const damaged: DamagedRecords[] = []
  let verifiedBytes = 0
  for await (const found of verifyJournal(disk, state)) {
    if ('verifiedBytes' in found) verifiedBytes += found.verifiedBytes
    else {
      const { file, byte, batch } = found
      const place = batch && partitions.get(batch.logId)
      // The batches of a deleted topic, still to be removed: nobody reads them.
      if (batch && !place) continue
      damaged.push({ file, byte, records: batch && place && { ...place, lastOffset: batch.lastOffset } })
    }
  }
  return { verifiedBytes, damaged }
}
