import type { Acknowledged } from './acknowledged-note.ts'
import { journalName, type JournalHead } from './file-head.ts'
import type { FrameOperations } from './frame-operations.ts'
import { FrameReader, type ReadFrame } from './frame-reader.ts'
import type { JournalFile } from './journal-folder.ts'
import type { KnownFile } from './journal-files.ts'
import type { JournalState } from './journal-state.ts'

/** The end of the frames, and the byte that caused it. */
interface EndOfFrames {
  readonly reader: FrameReader
  readonly unsoundAt: number
}

/**
 * Reads the frames that no checkpoint has, and changes nothing. At most one frame was being written when the process
 * ended. So a frame that is not sound is the last one in the last file; otherwise something was changed since.
 */
export class Replay {
  readonly #state: JournalState
  readonly #acknowledged: Acknowledged | undefined

  constructor(state: JournalState, acknowledged: Acknowledged | undefined) {
    this.#state = state
    this.#acknowledged = acknowledged
  }

  /** Reads a file that another one follows. */
  async readComplete(known: KnownFile, next: JournalHead): Promise<void> {
    const { reader, unsoundAt } = await this.#read(known)
    const isWhole = next.start === known.head.start + known.length && next.firstSequence === this.#state.sequence + 1
    if (!isWhole)
      throw this.#state.files.damaged(
        known,
        unsoundAt,
        `a whole frame was there, and ${journalName(next.number)}, which follows it, ` +
          `goes on with frame ${next.firstSequence}`,
      )
    if (!(await reader.hasOnlyZerosFrom(known.length)))
      throw this.#state.files.damaged(known, known.length, 'its frames end there, and something follows them')
  }

  /** Reads the last file; resolves to whether an incomplete write follows its frames. */
  async readLast(known: KnownFile): Promise<boolean> {
    const { reader, unsoundAt } = await this.#read(known)
    const { files, sequence } = this.#state
    const isAcknowledged = this.#acknowledged !== undefined && this.#acknowledged.sequence > sequence
    if (isAcknowledged)
      throw files.damaged(
        known,
        unsoundAt,
        `${this.#acknowledged?.sequence} frames were acknowledged, ` +
          `and frame ${sequence + 1} is neither whole there nor in a file ${journalName(known.head.number + 1)}`,
      )
    if (await reader.hasOnlyZerosFrom(known.length)) return false
    const later = await reader.laterFrame(known.length + 1, sequence)
    if (later !== undefined)
      throw files.damaged(
        known,
        unsoundAt,
        `frame ${sequence + 1} is not whole there, and a whole one follows it at byte ${later}`,
      )
    return true
  }

  async #read(known: KnownFile): Promise<EndOfFrames> {
    const { files } = this.#state
    const file = known.file as JournalFile
    const reader = new FrameReader(file, files.placeIn(known), known.head.nonce, known.length, file.length())
    for (;;) {
      const frame = await reader.next()
      if (!frame) return { reader, unsoundAt: known.length }
      if (frame.sequence !== this.#state.sequence + 1)
        throw this.#state.files.damaged(
          known,
          known.length,
          `frame ${frame.sequence} is there, and ${this.#state.sequence + 1} comes next`,
        )
      const unsoundAt = await reader.unsoundBatch(frame)
      if (unsoundAt !== undefined) return { reader, unsoundAt }
      this.#apply(known, frame)
    }
  }

  #apply(known: KnownFile, { operations, sequence, payloadAt, end }: ReadFrame): void {
    const { start } = known.head
    const outOfOrder = outOfOrderIn(operations, this.#state)
    if (outOfOrder !== undefined)
      throw this.#state.files.damaged(known, known.length, `frame ${sequence} is there, with ${outOfOrder}`)
    known.length = end
    this.#state.apply(operations, sequence, start + payloadAt, start + end)
  }
}

/** What a frame appends that is not behind what there is already; undefined if nothing is. */
function outOfOrderIn({ appended, indexEntries }: FrameOperations, { logs }: JournalState): string | undefined {
  const [lastOffsets, lastEntries] = [new Map<number, number>(), new Map<number, number>()]
  for (const { logId, lastOffsets: added } of appended) {
    const before = lastOffsets.get(logId) ?? logs.get(logId)?.batches.lastKey ?? -1
    const [first = Number.POSITIVE_INFINITY] = added
    if (first <= before) return `a batch up to offset ${first} in log ${logId}, which has one up to ${before}`
    lastOffsets.set(logId, added.at(-1) ?? before)
  }
  for (const { logId, baseOffset } of indexEntries) {
    const before = lastEntries.get(logId) ?? logs.get(logId)?.index.lastKey ?? -1
    if (baseOffset <= before)
      return `an entry of the index of log ${logId} for ${baseOffset}, behind that for ${before}`
    lastEntries.set(logId, baseOffset)
  }
  return undefined
}
