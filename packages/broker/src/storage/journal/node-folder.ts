import { freeBytesOf } from '../free-bytes.ts'
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  ftruncate,
  openSync,
  readv,
  readvSync,
  writeSync,
  writev,
} from 'node:fs'
import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../sync-folder.ts'
import type { FileKind, JournalFile, JournalFolder } from './journal-folder.ts'

/** A write with it is durable when it returns: one call instead of two. Only on Linux; elsewhere a sync follows. */
const durableWrites = process.platform === 'linux' ? constants.O_DSYNC : 0
/** Systems accept this many parts in one call, and a frame must not be written in two. */
const maxParts = 1000

/** The journal's folder on a real disk. */
export class NodeFolder implements JournalFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  async make(): Promise<void> {
    const first = await mkdir(this.path, { recursive: true })
    // A folder is durable once its parent was synced; the process that made it may have ended before that.
    const made = first ?? this.path
    for (let folder = this.path; folder.length >= made.length; folder = dirname(folder))
      await syncFolder(dirname(folder))
  }

  names(): Promise<string[]> {
    return readdir(this.path)
  }

  open(name: string, kind: FileKind): JournalFile {
    return this.#open(name, 0, kind)
  }

  create(name: string, kind: FileKind): JournalFile {
    return this.#open(name, constants.O_CREAT | constants.O_TRUNC, kind)
  }

  rename(from: string, to: string): Promise<void> {
    return rename(join(this.path, from), join(this.path, to))
  }

  remove(name: string): Promise<void> {
    return unlink(join(this.path, name))
  }

  sync(): Promise<void> {
    return syncFolder(this.path)
  }

  freeBytes(): Promise<number> {
    return freeBytesOf(this.path)
  }

  async holds(name: string, file: JournalFile): Promise<boolean> {
    const found = await stat(join(this.path, name)).catch(() => undefined)
    return found !== undefined && (file as NodeFile).inode === found.ino
  }

  #open(name: string, flags: number, kind: FileKind): JournalFile {
    const access = kind === 'read' ? constants.O_RDONLY : constants.O_RDWR
    const durable = kind === 'appended' ? durableWrites : 0
    return new NodeFile(openSync(join(this.path, name), access | flags | durable, 0o644))
  }
}

class NodeFile implements JournalFile {
  readonly #descriptor: number
  readonly inode: number
  #reading = 0
  #isClosed = false

  constructor(descriptor: number) {
    this.#descriptor = descriptor
    this.inode = fstatSync(descriptor).ino
  }

  length(): number {
    return fstatSync(this.#descriptor).size
  }

  async append(parts: readonly Uint8Array[], position: number, spare?: Uint8Array): Promise<void> {
    await this.write(parts, position, spare)
    if (durableWrites === 0) await this.sync()
  }

  async write(parts: readonly Uint8Array[], position: number, spare?: Uint8Array): Promise<void> {
    let missing = parts.reduce((sum, part) => sum + part.length, 0)
    let left = spare ? [...parts, spare] : parts
    // A nearly full disk writes a part, and fails only then.
    for (let at = position; missing > 0;) {
      const written = await this.#writev(left.slice(0, maxParts), at)
      at += written
      missing -= written
      left = after(left, written)
    }
  }

  writeSync(bytes: Uint8Array, position: number): void {
    writeSync(this.#descriptor, bytes, 0, bytes.length, position)
  }

  readSync(parts: readonly Uint8Array[], position: number): number {
    this.#checkOpen()
    let [left, found] = [parts, 0]
    while (left.length > 0) {
      const read = readvSync(this.#descriptor, left.slice(0, maxParts), position + found)
      if (read === 0) break
      found += read
      left = after(left, read)
    }
    return found
  }

  async read(parts: readonly Uint8Array[], position: number): Promise<number> {
    this.#checkOpen()
    this.#reading++
    try {
      let [left, found] = [parts, 0]
      while (left.length > 0) {
        const read = await this.#readv(left.slice(0, maxParts), position + found)
        if (read === 0) break
        found += read
        left = after(left, read)
      }
      return found
    } finally {
      this.#reading--
      if (this.#isClosed && this.#reading === 0) closeSync(this.#descriptor)
    }
  }

  truncate(length: number): Promise<void> {
    return new Promise((resolve, reject) => {
      ftruncate(this.#descriptor, length, (error) => (error ? reject(error) : resolve()))
    })
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#descriptor, (error) => (error ? reject(error) : resolve()))
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#reading === 0) closeSync(this.#descriptor)
  }

  /** After a close, the descriptor's number may belong to another file. */
  #checkOpen(): void {
    if (this.#isClosed) throw new Error('the file is closed')
  }

  #writev(parts: readonly Uint8Array[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      writev(this.#descriptor, parts as Uint8Array[], position, (error, written) =>
        error ? reject(error) : resolve(written),
      )
    })
  }

  #readv(parts: readonly Uint8Array[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      readv(this.#descriptor, parts as Uint8Array[], position, (error, read) => (error ? reject(error) : resolve(read)))
    })
  }
}

/** The rest of the parts after that many bytes. */
function after(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skipped = bytes
  for (const [index, part] of parts.entries()) {
    if (skipped < part.length) return [part.subarray(skipped), ...parts.slice(index + 1)]
    skipped -= part.length
  }
  return []
}
