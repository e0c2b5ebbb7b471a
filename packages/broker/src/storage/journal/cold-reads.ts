import type { BatchReads, ReadPlace } from './batch-reads.ts'
import { journalName } from './file-head.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

/** How much is read ahead at a time. */
const blockBytes = 256 * 1024
/** How many blocks count as near, the most recently used ones. */
const nearBlocks = 1024

/**
 * Longer reads go directly into their reader's memory. For shorter ones, the neighbouring bytes will be wanted next.
 */
const directBytes = 64 * 1024
/** The most bytes that may wait for their readers. */
const mostHeldBytes = 4 * 1024 * 1024

/** Receives bytes that nobody needs: they should only get into the memory of the operating system. */
const nowhere: Uint8Array = new Uint8Array(blockBytes)

/**
 * Reads of a `Storage` are synchronous, and one that waits for the disk would block everyone. So old data are first
 * read without blocking the event loop: long ranges into the memory that their reader gets, short ones block by block,
 * so that they are then in the memory of the operating system.
 */
export class ColdReads {
  readonly #folder: JournalFolder
  /** By start address; the least recently used first. */
  readonly #near = new Set<number>()
  /** Results whose readers have not asked for them yet, the oldest first. */
  readonly #held = new Map<BatchReads, Uint8Array>()
  /** Including reads under way. */
  #heldBytes = 0

  constructor(folder: JournalFolder) {
    this.#folder = folder
  }

  /** Resolves when the range is near; undefined if it is. A read error shows when the range is read. */
  bring(reads: BatchReads): Promise<void> | undefined {
    const reading = reads.places.flatMap((place) => {
      const blocks = this.#farBlocks(place)
      return blocks.length > 0 ? [{ place, blocks }] : []
    })
    if (reading.length === 0) return undefined
    if (reads.size >= directBytes && this.#makeRoom(reads.size)) {
      // Only a part of the first and last block comes near.
      for (const { place, blocks } of reading)
        for (const at of blocks)
          if (at < place.position || at + blockBytes > place.end) this.#near.delete(place.file.head.start + at)
      return this.#hold(reads)
    }
    return Promise.all(reading.map(({ place, blocks }) => this.#read(place.file.head.number, blocks))).then(
      () => undefined,
    )
  }

  /** The result of an earlier `bring`; only its reader gets it. */
  take(reads: BatchReads): Uint8Array | undefined {
    for (const [held, bytes] of this.#held) {
      if (!held.isSameAs(reads)) continue
      this.#letGo(held, bytes.length)
      return bytes
    }
    return undefined
  }

  /** Whether that many more bytes can be held, if necessary instead of older results. */
  #makeRoom(bytes: number): boolean {
    for (const [held, { length }] of this.#held) {
      if (this.#heldBytes + bytes <= mostHeldBytes) break
      this.#letGo(held, length)
    }
    return this.#heldBytes + bytes <= mostHeldBytes
  }

  async #hold(reads: BatchReads): Promise<void> {
    this.#heldBytes += reads.size
    try {
      this.#held.set(reads, await reads.read())
    } catch {
      // The reader gets the error.
      this.#heldBytes -= reads.size
    }
  }

  #letGo(held: BatchReads, bytes: number): void {
    this.#held.delete(held)
    this.#heldBytes -= bytes
  }

  /** The start addresses of a file's blocks that are not near; they count as near from now on. */
  #farBlocks({ file, position, end }: ReadPlace): number[] {
    const blocks: number[] = []
    for (let at = position - (position % blockBytes); at < end; at += blockBytes)
      if (!this.#isNear(file.head.start + at)) blocks.push(at)
    return blocks
  }

  #isNear(address: number): boolean {
    const isNear = this.#near.delete(address)
    this.#near.add(address)
    if (this.#near.size > nearBlocks) for (const oldest of this.#near) return this.#near.delete(oldest) && isNear
    return isNear
  }

  async #read(number: number, blocks: readonly number[]): Promise<void> {
    let file: JournalFile | undefined
    try {
      // Its own descriptor: others may close theirs meanwhile, or the file may be removed.
      file = this.#folder.open(journalName(number), 'read')
      for (const position of blocks) await file.read([nowhere], position)
    } catch {
      // The reader gets the error.
    } finally {
      file?.close()
    }
  }
}
