import { yieldToEventLoop } from '@kafkado/core/internal'
import { fileHeadBytes, journalName } from './file-head.ts'
import type { JournalUnit, Move } from './frame-operations.ts'
import { isSound } from './frame-operations.ts'
import { FrameReader, type ReadFrame, runsOf } from './frame-reader.ts'
import { isUnreadable } from './journal-damage.ts'
import type { JournalFolder } from './journal-folder.ts'
import type { KnownFile } from './journal-files.ts'
import type { JournalState } from './journal-state.ts'

/** The size of one unit of copies. Others get their turn between two units. */
const unitBytes = 256 * 1024
/** How many batches are looked up in one go: their places may have to be loaded. */
const lookUpsAtATime = 200
/** A file with a greater used share is not worth the copy; for short batches, the overhead counts too. */
const mostWorthKeeping = 0.9
/** The free space that copying must leave. Without any, nobody could write. */
const sparedBytes = 32 * 1024 * 1024

/**
 * Frees the space of removed batches. If at most half of a file is still used, cleaning copies that part to the end of
 * the journal, as moves. The file is then unused, and the next checkpoint removes it. So the journal takes at most
 * about twice the used space.
 */
export class Cleaning {
  readonly #folder: JournalFolder
  readonly #state: JournalState
  readonly #commit: (unit: JournalUnit) => Promise<void>
  readonly #isOver: () => boolean
  /** Damaged or unreadable files: copying the rest would hide the damage, and gain nothing. */
  readonly #damaged = new Set<number>()
  #lookedUp = 0

  /** @param isOver whether to stop early */
  constructor(
    folder: JournalFolder,
    state: JournalState,
    commit: (unit: JournalUnit) => Promise<void>,
    isOver: () => boolean,
  ) {
    this.#folder = folder
    this.#state = state
    this.#commit = commit
    this.#isOver = isOver
  }

  /** Whether any file is worth cleaning. */
  get isNeeded(): boolean {
    return this.#next() !== undefined
  }

  /** Copies the used part of all files that are worth it. */
  async run(): Promise<void> {
    for (let known = this.#next(); known && !this.#isOver(); known = this.#next()) {
      if ((await this.#folder.freeBytes()) < known.liveBytes + sparedBytes) return
      await this.#empty(known)
    }
  }

  /** The same for all existing files with any unused part. @throws the disk's error for an unreadable file */
  async runAll(): Promise<void> {
    const { files } = this.#state
    for (const known of files.all.filter((one) => one !== files.last)) {
      if (this.#isOver() || known.liveBytes === 0 || known.liveBytes > known.length * mostWorthKeeping) continue
      await this.#copyOut(known)
    }
  }

  /** The least used file, if at most half of it is used; entirely unused files need no copies. */
  #next(): KnownFile | undefined {
    const { files } = this.#state
    let found: KnownFile | undefined
    for (const known of files.all) {
      const isWorthIt = known !== files.last && known.liveBytes > 0 && known.liveBytes * 2 <= known.length
      if (!isWorthIt || this.#damaged.has(known.head.number)) continue
      if (!found || known.liveBytes < found.liveBytes) found = known
    }
    return found
  }

  /** An unreadable file stays as it is; the scrubber reports its content. */
  async #empty(known: KnownFile): Promise<void> {
    try {
      await this.#copyOut(known)
    } catch (error) {
      // A failed write has ended everything.
      if (this.#isOver() || !isUnreadable(error)) throw error
      this.#damaged.add(known.head.number)
    }
  }

  async #copyOut(known: KnownFile): Promise<void> {
    const { head, length } = known
    // Its own descriptor: others may close theirs meanwhile, or the file may be removed.
    const file = this.#folder.open(journalName(head.number), 'read')
    try {
      const reader = new FrameReader(file, this.#state.files.placeIn(known), head.nonce, fileHeadBytes, length)
      let [moves, bytes] = [[] as Move[], 0]
      const flush = async (): Promise<void> => {
        if (moves.length > 0) await this.#commit({ moves })
        ;[moves, bytes] = [[], 0]
      }
      while (known.liveBytes > 0 && !this.#isOver()) {
        const frame = await reader.next()
        if (!frame) break
        for await (const move of this.#movesOf(known, frame, reader)) {
          moves.push(move)
          bytes += move.bytes.length
          if (bytes >= unitBytes) await flush()
        }
      }
      await flush()
      // Some used batches were not found, or have changed.
      if (known.liveBytes > 0 && !this.#isOver()) this.#damaged.add(head.number)
    } finally {
      file.close()
    }
  }

  /** The used batches of a frame. */
  async *#movesOf({ head }: KnownFile, frame: ReadFrame, reader: FrameReader): AsyncGenerator<Move> {
    let position = frame.payloadAt
    for (const { logId, lastOffsets, lengths, checks } of runsOf(frame.operations)) {
      for (const [index, lastOffset] of lastOffsets.entries()) {
        const length = lengths[index] as number
        const from = head.start + position
        if (++this.#lookedUp % lookUpsAtATime === 0) await yieldToEventLoop()
        if (this.#state.addressOf(logId, lastOffset) === from) {
          const bytes = Buffer.from(await reader.bytes(position, length))
          if (isSound(bytes, checks[index] as number)) yield { logId, lastOffset, from, bytes }
        }
        position += length
      }
    }
  }
}
