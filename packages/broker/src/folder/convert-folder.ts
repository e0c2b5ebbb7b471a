import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidRequestError } from '@kafkado/core'
import { JournalStorage } from '../storage/journal/journal-storage.ts'
import { NodeFolder } from '../storage/journal/node-folder.ts'
import { SqliteStorage } from '../storage/sqlite-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { copyContent, type DamagedBatch } from './copy-content.ts'
import { contentOf, type FolderSize, partitionsIn, requireSame } from './folder-content.ts'
import { foundStorage, loadLmdbStorage } from './folder-storage.ts'
import { syncFolder } from '../storage/sync-folder.ts'

/** What was taken over. */
export interface ConvertedFolder extends FolderSize {
  readonly from: 'lmdb' | 'sqlite'
  /**
   * Batches that are not as they were written. They were taken over as they are, and are refused to readers as before.
   */
  readonly damaged: readonly DamagedSource[]
}

/** A damaged batch in what a folder was kept in. */
export interface DamagedSource {
  readonly file: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** What is wrong with it. */
  readonly message: string
}

const files = { lmdb: 'data.mdb', sqlite: 'data.sqlite' } as const

/**
 * Takes what a folder keeps in LMDB or SQLite over into a journal, which then is its storage. Until all of it is there
 * and was compared the folder stays as it is; one that was interrupted begins anew. It needs room for both, and the
 * package lmdb for a folder of LMDB.
 *
 * @throws InvalidRequestError when there is nothing to convert
 * @throws StorageError when the folder is in use, full, or damaged so that it cannot be told what it holds
 */
export async function convertFolder(folder: string): Promise<ConvertedFolder> {
  const from = foundStorage(folder)
  if (from === undefined) throw new InvalidRequestError(`the folder ${folder} has nothing that could be converted`)
  if (from === 'journal') {
    await removeOld(folder)
    throw new InvalidRequestError(`the folder ${folder} is kept in a journal already`)
  }
  const source = from === 'lmdb' ? await loadLmdbStorage(folder) : new SqliteStorage(folder)
  await source.open()
  try {
    const { damaged, ...size } = await copy(source, folder)
    const places = partitionsIn(source)
    const named = damaged.flatMap(({ logId, ...batch }) => {
      const place = places.get(logId)
      // Of a topic that was deleted, whose batches are yet to be removed: nobody reads them.
      return place ? [{ file: files[from], ...place, ...batch }] : []
    })
    await rename(join(folder, 'journal.new'), join(folder, 'journal'))
    await syncFolder(folder)
    return { from, ...size, damaged: named }
  } finally {
    await source.close()
    if (foundStorage(folder) === 'journal') await removeOld(folder)
  }
}

async function copy(source: Storage, folder: string): Promise<FolderSize & { damaged: readonly DamagedBatch[] }> {
  const place = join(folder, 'journal.new')
  await rm(place, { recursive: true, force: true })
  const target = new JournalStorage(folder, { disk: new NodeFolder(place) })
  await target.open()
  try {
    const damaged = await copyContent(source, target)
    const { checksums, ...size } = await contentOf(source)
    const found = await contentOf(target)
    requireSame(found, { checksums, ...size }, 'the copy is not what the folder holds, which stays as it was')
    return { ...size, damaged }
  } finally {
    await target.close()
  }
}

/** Removes what the folder was kept in, once the journal is. */
async function removeOld(folder: string): Promise<void> {
  const old = ['data.mdb', 'data.mdb-lock', 'data.sqlite', 'data.sqlite-wal', 'data.sqlite-shm', 'data.sqlite-journal']
  for (const name of old.filter((one) => existsSync(join(folder, one)))) await rm(join(folder, name))
}
