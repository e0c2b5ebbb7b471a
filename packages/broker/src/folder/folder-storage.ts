import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidRequestError, StorageError } from '@kafkado/core'
import { JournalStorage } from '../storage/journal/journal-storage.ts'
import { SqliteStorage } from '../storage/sqlite-storage.ts'
import type { Storage } from '../storage/storage.ts'

/** The kind of a folder's storage. */
export type StorageName = 'journal' | 'sqlite' | 'lmdb'

/**
 * The storage that made a folder; undefined for a new one. If a conversion was interrupted at its end, the journal
 * counts.
 */
export function foundStorage(folder: string): StorageName | undefined {
  const places: readonly (readonly [StorageName, string])[] = [
    ['journal', 'journal'],
    ['sqlite', 'data.sqlite'],
    ['lmdb', 'data.mdb'],
  ]
  return places.find(([, name]) => existsSync(join(folder, name)))?.[0]
}

/** @throws InvalidRequestError when the folder has no journal */
export function requireJournal(folder: string): void {
  const found = foundStorage(folder)
  if (found === 'journal') return
  throw new InvalidRequestError(
    found
      ? `the folder ${folder} is kept in ${found === 'lmdb' ? 'LMDB' : 'SQLite'}, and this works on a journal ` +
          `alone; \`kafkado data convert ${folder}\` takes it over into one`
      : `the folder ${folder} holds nothing that an engine has kept`,
  )
}

/**
 * Opens the storage of a folder: the one that made it, or for a new folder the requested one, by default a journal.
 *
 * @throws InvalidRequestError when another storage made the folder
 * @throws StorageError when the folder needs LMDB, which cannot be loaded
 */
export async function openFolder(folder: string, wanted: StorageName | undefined): Promise<Storage> {
  const found = foundStorage(folder)
  if (found && wanted && found !== wanted)
    throw new InvalidRequestError(
      `the folder ${folder} was made with the storage '${found}' and cannot be opened with '${wanted}'; ` +
        `\`kafkado data convert ${folder}\` takes it over into a journal`,
    )
  const name = found ?? wanted ?? 'journal'
  if (name === 'journal') return new JournalStorage(folder)
  return name === 'sqlite' ? new SqliteStorage(folder) : loadLmdbStorage(folder)
}

/** Loads the database only if a folder needs it: everything else works without its native code. */
export async function loadLmdbStorage(folder: string): Promise<Storage> {
  try {
    const { LmdbStorage } = await import('../storage/lmdb/lmdb-storage.ts')
    return new LmdbStorage(folder)
  } catch (cause) {
    throw new StorageError(
      `the folder ${folder} is kept in LMDB, and the package lmdb cannot be loaded (${String(cause)}): ` +
        'install it (npm install lmdb@3.5.6), ' +
        `and \`kafkado data convert ${folder}\` takes the folder over into a journal, which needs no other package`,
      { cause, retriable: false, outcome: 'failed' },
    )
  }
}
