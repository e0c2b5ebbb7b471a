import { yieldToEventLoop } from '@kafkado/core/internal'
import { fileHeadBytes, journalName } from './file-head.ts'
import type { JournalUnit, Move } from './frame-operations.ts'
import { isSound } from './frame-operations.ts'
import { FrameReader, type ReadFrame, runsOf } from './frame-reader.ts'
import { isUnreadable } from './journal-damage.ts'
import type { JournalFolder } from './journal-folder.ts'
import type { KnownFile } from './journal-files.ts'
import type { JournalState } from './journal-state.ts'

/** Copied in one unit, and between two of them everybody else has a turn. */
const unitBytes = 256 * 1024
/** So many batches are looked up in one go: where they lie may have to be loaded. */
const lookUpsAtATime = 200
/** A file of which more still counts is not worth the copy; short batches have as much beside them. */
const mostWorthKeeping = 0.9
/** Has to stay free beside what is copied: without any of it nobody could write. */
const sparedBytes = 32 * 1024 * 1024

/**
 * Gives the room back of what was removed. A file of which at most half still counts has that copied to the end of the
 * journal, as moves; then nothing in it counts, and the next checkpoint lets it go. So the journal takes about twice
 * the room of what counts.
 */
export class Cleaning {
  readonly #folder: JournalFolder
  readonly #state: JournalState
  readonly #commit: (unit: JournalUnit) => Promise<void>
  readonly #isOver: () => boolean
  /** Files in which something is damaged, or cannot be read: copying the rest would hide that, and gain nothing. */
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

  /** Whether a file is worth it. */
  get isNeeded(): boolean {
    return this.#next() !== undefined
  }

  /** Copies what counts out of all files that are worth it. */
  async run(): Promise<void> {
    for (let known = this.#next(); known && !this.#isOver(); known = this.#next()) {
      if ((await this.#folder.freeBytes()) < known.liveBytes + sparedBytes) return
      await this.#empty(known)
    }
  }

  /**
   * The same for all files of before in which something does not count, however little. @throws what the disk says of
   * one that it does not give out
   */
  async runAll(): Promise<void> {
    const { files } = this.#state
    for (const known of files.all.filter((one) => one !== files.last)) {
      if (this.#isOver() || known.liveBytes === 0 || known.liveBytes > known.length * mostWorthKeeping) continue
      await this.#copyOut(known)
    }
  }

  /** The file of which the least still counts, if that is at most half; those of which nothing does need no copies. */
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

  /** A file that the disk does not give out stays as it is; what is in it the scrubber tells. */
  async #empty(known: KnownFile): Promise<void> {
    try {
      await this.#copyOut(known)
    } catch (error) {
      // What could not be written has ended everything.
      if (this.#isOver() || !isUnreadable(error)) throw error
      this.#damaged.add(known.head.number)
    }
  }

  async #copyOut(known: KnownFile): Promise<void> {
    const { head, length } = known
    // Of its own: the others may close theirs meanwhile, or the file goes.
    const file = this.#folder.open(journalName(head.number), 'read')
    try {
      const reader = new FrameReader(file, head.nonce, fileHeadBytes, length)
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
      // What still counts was not found, or is not as it was.
      if (known.liveBytes > 0 && !this.#isOver()) this.#damaged.add(head.number)
    } finally {
      file.close()
    }
  }

  /** The batches of a frame that still count. */
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
