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

/** The result of a conversion. */
export interface ConvertedFolder extends FolderSize {
  readonly from: 'lmdb' | 'sqlite'
  /**
   * Batches that have changed since they were written. The journal has them unchanged, and readers are refused as
   * before.
   */
  readonly damaged: readonly DamagedSource[]
}

/** A damaged batch in the former storage. */
export interface DamagedSource {
  readonly file: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Describes the fault. */
  readonly message: string
}

const files = { lmdb: 'data.mdb', sqlite: 'data.sqlite' } as const

/**
 * Converts a folder from LMDB or SQLite to a journal, its storage from then on. The folder stays as it is until the
 * whole journal was written and compared; an interrupted conversion begins again. It needs room for both, and the
 * package lmdb for a folder of LMDB.
 *
 * @throws InvalidRequestError when there is nothing to convert
 * @throws StorageError when the folder is in use, full, or so damaged that its content is unknown
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
      // The batches of a deleted topic, still to be removed: nobody reads them.
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

/** Removes the former storage once the journal is in use. */
async function removeOld(folder: string): Promise<void> {
  const old = ['data.mdb', 'data.mdb-lock', 'data.sqlite', 'data.sqlite-wal', 'data.sqlite-shm', 'data.sqlite-journal']
  for (const name of old.filter((one) => existsSync(join(folder, one)))) await rm(join(folder, name))
}
