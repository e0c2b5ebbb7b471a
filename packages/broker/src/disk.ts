import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidRequestError } from '@kafkado/core'
import { JournalStorage } from './storage/journal/journal-storage.ts'
import { LmdbStorage } from './storage/lmdb-storage.ts'
import { SqliteStorage } from './storage/sqlite-storage.ts'
import type { Storage } from './storage/storage.ts'

export type { FileKind, JournalFile, JournalFolder } from './storage/journal/journal-folder.ts'
export { type JournalOptions, JournalStorage } from './storage/journal/journal-storage.ts'
export { LmdbStorage } from './storage/lmdb-storage.ts'
export { SqliteStorage } from './storage/sqlite-storage.ts'

/**
 * The storage of a folder: what it was made with, or for a new one what is wanted.
 *
 * @throws InvalidRequestError when the folder was made with the other one
 */
export function openFolder(folder: string, wanted: 'lmdb' | 'sqlite' | undefined): Storage {
  if (existsSync(join(folder, 'journal'))) return new JournalStorage(folder)
  const found = existsSync(join(folder, 'data.sqlite'))
    ? 'sqlite'
    : existsSync(join(folder, 'data.mdb'))
      ? 'lmdb'
      : undefined
  if (found && wanted && found !== wanted)
    throw new InvalidRequestError(
      `the folder ${folder} was made with the storage '${found}' and cannot be opened with '${wanted}'`,
    )
  return (found ?? wanted) === 'sqlite' ? new SqliteStorage(folder) : new LmdbStorage(folder)
}
