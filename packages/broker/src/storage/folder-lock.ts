import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '@kafkado/core'
import { openPlainDatabase, type PlainDatabase } from './sqlite-database.ts'

/**
 * Keeps a folder to one process. The lock is one of the operating system on a small SQLite database, so it ends with
 * the process however that ends, and two starts at the same moment cannot both have it.
 */
export class FolderLock {
  readonly #database: PlainDatabase
  readonly #noteFile: string

  private constructor(database: PlainDatabase, noteFile: string) {
    this.#database = database
    this.#noteFile = noteFile
  }

  /** @throws StorageError when another process has the folder */
  static async acquire(folder: string): Promise<FolderLock> {
    const noteFile = join(folder, 'process-id')
    const database = openPlainDatabase(join(folder, 'lock'))
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    } catch (cause) {
      database.close()
      const holder = (await readFile(noteFile, 'utf8').catch(() => '')).trim()
      const who = holder === '' ? 'another process' : `process ${holder}`
      throw new StorageError(
        `the folder ${folder} is in use by ${who}; one process at a time can have it. Stop that one, or talk to it over HTTP`,
        {
          cause,
          retriable: false,
        },
      )
    }
    // Only for the message above: the lock itself does not depend on it.
    await writeFile(noteFile, `${process.pid}\n`)
    return new FolderLock(database, noteFile)
  }

  async release(): Promise<void> {
    await rm(this.#noteFile, { force: true })
    this.#database.close()
  }
}
