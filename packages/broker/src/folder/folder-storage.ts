import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidRequestError, StorageError } from '@kafkado/core'
import { JournalStorage } from '../storage/journal/journal-storage.ts'
import { SqliteStorage } from '../storage/sqlite-storage.ts'
import type { Storage } from '../storage/storage.ts'

/** How a folder is kept. */
export type StorageName = 'journal' | 'sqlite' | 'lmdb'

/**
 * What a folder was made with; undefined for a new one. Where a conversion was interrupted at its end, the journal
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
 * The storage of a folder: what it was made with, or for a new one what is wanted, by default a journal.
 *
 * @throws InvalidRequestError when the folder was made with another one
 * @throws StorageError when it is kept in LMDB, and that cannot be loaded
 */
export async function openFolder(folder: string, wanted: StorageName | undefined): Promise<Storage> {
  const found = foundStorage(folder)
  if (found && wanted && found !== wanted)
    throw new InvalidRequestError(
      `the folder ${folder} was made with the storage '${found}' and cannot be opened with '${wanted}'; \`kafkado ` +
        `data convert ${folder}\` takes it over into a journal`,
    )
  const name = found ?? wanted ?? 'journal'
  if (name === 'journal') return new JournalStorage(folder)
  return name === 'sqlite' ? new SqliteStorage(folder) : loadLmdbStorage(folder)
}

/** Loads the database only where a folder needs it: everything else works without its native code. */
export async function loadLmdbStorage(folder: string): Promise<Storage> {
  try {
    const { LmdbStorage } = await import('../storage/lmdb-storage.ts')
    return new LmdbStorage(folder)
  } catch (cause) {
    throw new StorageError(
      `the folder ${folder} is kept in LMDB, and the package lmdb cannot be loaded (${String(cause)}): install it ` +
        `(npm install lmdb@3.5.6), and \`kafkado data convert ${folder}\` takes the folder over into a journal,` +
        ` which ` +
        `needs no other package`,
      { cause, retriable: false, outcome: 'failed' },
    )
  }
}
