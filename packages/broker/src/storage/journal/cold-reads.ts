import type { BatchReads, ReadPlace } from './batch-reads.ts'
import { journalName } from './file-head.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

/** Brought near at a time. */
const blockBytes = 256 * 1024
/** So many blocks are taken to be near still, those that were used last. */
const nearBlocks = 1024

/** As much is read for its reader right away; of less, what lies beside it is wanted next. */
const directBytes = 64 * 1024
/** So many bytes at most wait for their readers. */
const mostHeldBytes = 4 * 1024 * 1024

/** What else is read goes nowhere: it is to be in the memory of the operating system. */
const nowhere: Uint8Array = new Uint8Array(blockBytes)

/**
 * Reads of a `Storage` are synchronous, and one that a disk has to carry out would hold up everybody. So what was
 * written long ago is read beside the event loop first: what is long into the memory that its reader gets, what is
 * short block by block, and then found in the memory of the operating system.
 */
export class ColdReads {
  readonly #folder: JournalFolder
  /** By the address at which each begins; the ones used longest ago first. */
  readonly #near = new Set<number>()
  /** What was read for readers who have not come for it yet, the oldest first. */
  readonly #held = new Map<BatchReads, Uint8Array>()
  /** With what is being read for some. */
  #heldBytes = 0

  constructor(folder: JournalFolder) {
    this.#folder = folder
  }

  /**
   * Resolves when what is to be read is near; undefined when it is. What cannot be read shows itself when it is read.
   */
  bring(reads: BatchReads): Promise<void> | undefined {
    const reading = reads.places.flatMap((place) => {
      const blocks = this.#farBlocks(place)
      return blocks.length > 0 ? [{ place, blocks }] : []
    })
    if (reading.length === 0) return undefined
    if (reads.size >= directBytes && this.#makeRoom(reads.size)) {
      // Of the blocks at both ends only a part comes near.
      for (const { place, blocks } of reading)
        for (const at of blocks)
          if (at < place.position || at + blockBytes > place.end) this.#near.delete(place.file.head.start + at)
      return this.#hold(reads)
    }
    return Promise.all(reading.map(({ place, blocks }) => this.#read(place.file.head.number, blocks))).then(
      () => undefined,
    )
  }

  /** What was read of it by `bring`; its reader gets it, and nobody else. */
  take(reads: BatchReads): Uint8Array | undefined {
    for (const [held, bytes] of this.#held) {
      if (!held.isSameAs(reads)) continue
      this.#letGo(held, bytes.length)
      return bytes
    }
    return undefined
  }

  /** Whether so many bytes more can be held, if need be instead of others that nobody has come for. */
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
      // Whoever reads it is told.
      this.#heldBytes -= reads.size
    }
  }

  #letGo(held: BatchReads, bytes: number): void {
    this.#held.delete(held)
    this.#heldBytes -= bytes
  }

  /** Where the blocks of a file begin that are not near; from now on they are. */
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
      // Of its own: the others may close theirs meanwhile, or the file goes.
      file = this.#folder.open(journalName(number), 'read')
      for (const position of blocks) await file.read([nowhere], position)
    } catch {
      // Whoever reads it is told.
    } finally {
      file?.close()
    }
  }
}
