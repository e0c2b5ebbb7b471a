import { fileHeadBytes, journalName, type JournalHead } from './file-head.ts'
import type { StorageError } from '@kafkado/core'
import { type DamagedPlace, damagedFile, missingFile } from './journal-damage.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

/** A journal file and its known properties. */
export interface KnownFile {
  readonly head: JournalHead
  /** The end of its frames. */
  length: number
  /** The bytes of its batches in use. */
  liveBytes: number
  file: JournalFile | undefined
}

/** Whether a batch lies among the frames of a file. */
export function liesIn({ head, length: end }: KnownFile, address: number, length: number): boolean {
  const position = address - head.start
  return position >= fileHeadBytes && length >= 0 && position + length <= end
}

/** The most files open at once; others are opened when they are read. */
const mostOpen = 64

/** The existing journal files, in order; finds the file for an address. */
export class JournalFiles {
  readonly #folder: JournalFolder
  readonly all: KnownFile[] = []
  readonly #open = new Set<KnownFile>()

  constructor(folder: JournalFolder) {
    this.#folder = folder
  }

  /** The file being written. */
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

  /** The file with an address. @throws StorageError when there is none */
  at(address: number): KnownFile {
    const found = this.#from(address)
    if (found) return found
    throw missingFile(this.#folder.path, `with the address ${address}`, 'the index of a log refers to it')
  }

  /** Whether one of them has all of a batch. */
  has(address: number, length: number): boolean {
    const known = this.#from(address)
    return known !== undefined && liesIn(known, address, length)
  }

  /** The last file that starts at an address or before; undefined if all start later. */
  #from(address: number): KnownFile | undefined {
    const last = this.last
    if (address >= last.head.start) return last
    let [low, high] = [0, this.all.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.all[middle] as KnownFile).head.start <= address) low = middle + 1
      else high = middle
    }
    return this.all[low - 1]
  }

  /** Adds to the bytes in use at an address; a negative number subtracts. */
  count(address: number, bytes: number): void {
    this.at(address).liveBytes += bytes
  }

  /** The file, opened if necessary. The caller reads it at once. */
  opened(known: KnownFile): JournalFile {
    if (known.file) {
      if (known !== this.last && this.#open.delete(known)) this.#open.add(known)
      return known.file
    }
    return this.#opened(known, this.#folder.open(journalName(known.head.number), 'read'))
  }

  /** The names of a file, for messages. */
  placeIn({ head }: KnownFile): Omit<DamagedPlace, 'byte'> {
    return { folder: this.#folder.path, file: journalName(head.number) }
  }

  damaged(known: KnownFile, byte: number, what: string): StorageError {
    return damagedFile({ ...this.placeIn(known), byte }, what)
  }

  /** Removes a file from the list before its name goes. */
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
