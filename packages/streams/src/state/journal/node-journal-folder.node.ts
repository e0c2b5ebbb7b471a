import { fdatasync, fsync, readSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

/** Uses descriptors: with Yarn PnP, which replaces the file system, file handles have neither function. */
const [syncAll, syncData] = [promisify(fsync), promisify(fdatasync)]

/** The folder of a journal on a real disk. */
export class NodeJournalFolder implements JournalFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  async make(): Promise<void> {
    await mkdir(this.path, { recursive: true })
  }

  names(): Promise<string[]> {
    return readdir(this.path)
  }

  async open(name: string): Promise<JournalFile> {
    return new NodeJournalFile(await open(join(this.path, name), 'r+'))
  }

  async create(name: string): Promise<JournalFile | undefined> {
    try {
      return new NodeJournalFile(await open(join(this.path, name), 'wx+'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
      throw error
    }
  }

  rename(from: string, to: string): Promise<void> {
    return rename(join(this.path, from), join(this.path, to))
  }

  remove(name: string): Promise<void> {
    return rm(join(this.path, name), { force: true })
  }

  async sync(): Promise<void> {
    // Windows cannot sync a folder, and journals its file names itself.
    if (process.platform === 'win32') return
    const folder = await open(this.path, 'r')
    try {
      await syncAll(folder.fd)
    } finally {
      await folder.close()
    }
  }
}

class NodeJournalFile implements JournalFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async length(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, position + at)
      at += bytesWritten
    }
  }

  async read(bytes: Uint8Array, position: number): Promise<number> {
    let found = 0
    while (found < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, found, bytes.length - found, position + found)
      if (bytesRead === 0) break
      found += bytesRead
    }
    return found
  }

  readSync(bytes: Uint8Array, position: number): number {
    const first = readSync(this.#handle.fd, bytes, 0, bytes.length, position)
    let [found, read] = [first, first]
    // Usually the file ends there, or one read returned everything.
    while (found < bytes.length && read > 0) {
      read = readSync(this.#handle.fd, bytes, found, bytes.length - found, position + found)
      found += read
    }
    return found
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length)
  }

  sync(): Promise<void> {
    return syncData(this.#handle.fd)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
