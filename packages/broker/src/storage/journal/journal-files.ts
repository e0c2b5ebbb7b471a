import { journalName, type JournalHead } from './file-head.ts'
import type { StorageError } from '@kafkado/core'
import { damagedFile } from './journal-damage.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

/** A journal file, and what is known of it. */
export interface KnownFile {
  readonly head: JournalHead
  /** Where its frames end. */
  length: number
  /** The bytes of the batches in it that still count. */
  liveBytes: number
  file: JournalFile | undefined
}

/** So many files are open at once; more are opened when they are read. */
const mostOpen = 64

/** The journal files there are, in their order, and which of them has an address. */
export class JournalFiles {
  readonly #folder: JournalFolder
  readonly all: KnownFile[] = []
  readonly #open = new Set<KnownFile>()

  constructor(folder: JournalFolder) {
    this.#folder = folder
  }

  /** The one that is written to. */
  get last(): KnownFile {
    return this.all.at(-1) as KnownFile
  }

  get liveBytes(): number {
    return this.all.reduce((sum, { liveBytes }) => sum + liveBytes, 0)
  }

  get bytes(): number {
    return this.all.reduce((sum, { length }) => sum + length, 0)
  }

  add(head: JournalHead, length: number, liveBytes: number, file?: JournalFile): KnownFile {
    const known: KnownFile = { head, length, liveBytes, file: undefined }
    this.all.push(known)
    if (file) this.#opened(known, file)
    return known
  }

  /** The file that an address lies in. */
  at(address: number): KnownFile {
    const last = this.last
    if (address >= last.head.start) return last
    let [low, high] = [0, this.all.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.all[middle] as KnownFile).head.start <= address) low = middle + 1
      else high = middle
    }
    return this.all[low - 1] as KnownFile
  }

  /** Takes note that so many more bytes at an address count; fewer when it is negative. */
  count(address: number, bytes: number): void {
    this.at(address).liveBytes += bytes
  }

  /** The file, opened where it is not; its content is read by the caller at once. */
  opened(known: KnownFile): JournalFile {
    if (known.file) {
      if (known !== this.last && this.#open.delete(known)) this.#open.add(known)
      return known.file
    }
    return this.#opened(known, this.#folder.open(journalName(known.head.number), 'read'))
  }

  damaged({ head }: KnownFile, byte: number, what: string): StorageError {
    return damagedFile({ folder: this.#folder.path, file: journalName(head.number), byte }, what)
  }

  /** Takes a file out whose name is about to go. */
  drop(known: KnownFile): void {
    this.all.splice(this.all.indexOf(known), 1)
    this.#close(known)
  }

  close(): void {
    for (const known of this.#open) this.#close(known)
  }

  #opened(known: KnownFile, file: JournalFile): JournalFile {
    known.file = file
    this.#open.add(known)
    for (const other of this.#open) {
      if (this.#open.size <= mostOpen) break
      if (other !== known && other !== this.last) this.#close(other)
    }
    return file
  }

  #close(known: KnownFile): void {
    this.#open.delete(known)
    known.file?.close()
    known.file = undefined
  }
}
