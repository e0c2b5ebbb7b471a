import { existsSync } from 'node:fs'
import { access, constants, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import { openPlainDatabase, type PlainDatabase } from '@kafkado/core/internal/node'
import { FileIdentity } from './file-identity.ts'
import type { WatchedFile } from './folder-watch.ts'

/** SQLite's code when another process has a lock; the upper bits carry the details. */
const [busy, mainCode] = [5, 0xff]

/**
 * Keeps a folder to one process. It is an operating system lock on a small SQLite database. So it ends with the
 * process, however that ends, and of two starts at the same moment only one gets it.
 */
export class FolderLock {
  readonly #database: PlainDatabase | undefined
  /** A file that names the owning process, for the message below. The lock itself does not depend on it. */
  readonly #note: string | undefined
  /** The file that is locked, to watch: another one in its place can be locked by another process. */
  readonly file: WatchedFile | undefined

  private constructor(database?: PlainDatabase, note?: string, file?: WatchedFile) {
    this.#database = database
    this.#note = note
    this.file = file
  }

  /** @throws StorageError when another process has the folder, or it cannot be written */
  static async acquire(folder: string): Promise<FolderLock> {
    const note = noteIn(folder)
    const database = await lock(folder, 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE', false)
    try {
      // In the same turn as the lock, so that hardly anybody can replace the file in between.
      const file = new FileIdentity(fileIn(folder))
      await writeFile(note, `${process.pid}\n`)
      return new FolderLock(database, note, file)
    } catch (cause) {
      database.close()
      throw notWritable(folder, cause)
    }
  }

  /**
   * Like `acquire`, for read-only use. If the folder cannot be written, it is enough that no other process has it by
   * another path.
   */
  static async acquireToRead(folder: string): Promise<FolderLock> {
    if (await canWrite(folder)) return FolderLock.acquire(folder)
    // Without the file, nobody has ever written to the folder, except by copying it.
    if (!existsSync(fileIn(folder))) return new FolderLock()
    return new FolderLock(await lock(folder, 'BEGIN; SELECT * FROM sqlite_master', true))
  }

  async release(): Promise<void> {
    // Otherwise the note is that of another process, which has taken the folder.
    const isOurs = (await this.file?.isInPlace().catch(() => false)) ?? false
    if (this.#note !== undefined && isOurs) await rm(this.#note, { force: true })
    this.#database?.close()
  }
}

async function lock(folder: string, statements: string, isReadOnly: boolean): Promise<PlainDatabase> {
  let database: PlainDatabase | undefined
  try {
    database = openPlainDatabase(fileIn(folder), isReadOnly)
    database.exec(statements)
    return database
  } catch (cause) {
    database?.close()
    throw isBusy(cause) ? await inUse(folder, cause) : notWritable(folder, cause)
  }
}

async function canWrite(folder: string): Promise<boolean> {
  try {
    for (const path of [folder, fileIn(folder)]) if (existsSync(path)) await access(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function isBusy(error: unknown): boolean {
  // Node sets one of them, Bun the other.
  const { errcode, errno } = error as { readonly errcode?: number; readonly errno?: number }
  return ((errcode ?? errno ?? 0) & mainCode) === busy
}

async function inUse(folder: string, cause: unknown): Promise<StorageError> {
  const holder = (await readFile(noteIn(folder), 'utf8').catch(() => '')).trim()
  const who = holder === '' ? 'another process' : `process ${holder}`
  return new StorageError(
    `the folder ${folder} is in use by ${who}; one process at a time can have it. Stop that one, ` +
      'or talk to it over HTTP',
    { cause, retriable: false },
  )
}

function notWritable(folder: string, cause: unknown): StorageError {
  return new StorageError(
    `nothing can be written to the folder ${folder} (${messageOf(cause)}), and whoever uses it has to; ` +
      '`kafkado data verify` and `kafkado data backup` work without',
    { cause, retriable: false, outcome: 'failed' },
  )
}

function fileIn(folder: string): string {
  return join(folder, 'lock')
}

function noteIn(folder: string): string {
  return join(folder, 'process-id')
}
