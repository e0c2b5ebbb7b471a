import type { BatchReads } from './batch-reads.ts'
import { journalName } from './file-head.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

/** Brought near at a time. */
const blockBytes = 256 * 1024
/** So many blocks are taken to be near still, those that were used last. */
const nearBlocks = 1024

/** What is read goes nowhere: it is to be in the memory of the operating system. */
const nowhere: Uint8Array = new Uint8Array(blockBytes)

/**
 * Reads of a `Storage` are synchronous, and one that a disk has to carry out would hold up everybody. So what was
 * written long ago is read beside the event loop first, block by block, and then found in the memory of the operating
 * system.
 */
export class ColdReads {
  readonly #folder: JournalFolder
  /** By the address at which each begins; the ones used longest ago first. */
  readonly #near = new Set<number>()

  constructor(folder: JournalFolder) {
    this.#folder = folder
  }

  /**
   * Resolves when what is to be read is near; undefined when it is. What cannot be read shows itself when it is read.
   */
  bring(reads: BatchReads): Promise<void> | undefined {
    const reading: Promise<unknown>[] = []
    for (const { file, position, end } of reads.places) {
      const blocks: number[] = []
      for (let at = position - (position % blockBytes); at < end; at += blockBytes)
        if (!this.#isNear(file.head.start + at)) blocks.push(at)
      if (blocks.length > 0) reading.push(this.#read(file.head.number, blocks))
    }
    return reading.length === 0 ? undefined : Promise.all(reading).then(() => undefined)
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
