import type { Random } from '@kafkado/core'
import type { AcknowledgedNote } from './acknowledged-note.ts'
import { fileHeadBytes, type JournalHead, makeJournalFile } from './file-head.ts'
import { FrameEncoder } from './frame.ts'
import { FrameOperations, type JournalUnit } from './frame-operations.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { JournalLimits } from './journal-limits.ts'
import type { JournalState } from './journal-state.ts'

/** Zeros are written ahead of short frames: if a file need not grow, a durable write concerns only data. */
const shortFrameBytes = 64 * 1024

interface FrameWriterParts {
  readonly folder: JournalFolder
  readonly state: JournalState
  /** The last file, open for writing. */
  readonly file: JournalFile
  readonly note: AcknowledgedNote
  readonly random: Random
  readonly limits: JournalLimits
  /** Called when all earlier files are complete. */
  readonly onFileBegun: () => void
}

/** Writes frames at the end of the journal, and applies each once it is durable. */
export class FrameWriter {
  readonly #folder: JournalFolder
  readonly #state: JournalState
  readonly #note: AcknowledgedNote
  readonly #random: Random
  readonly #encoder = new FrameEncoder()
  readonly #onFileBegun: () => void
  readonly #limits: JournalLimits
  readonly #zeros: Uint8Array
  #file: JournalFile
  #maxBytes: number
  #zeroedUntil = 0
  #wantsFile = false
  /** Since the journal was opened, including zeros. */
  writtenBytes = 0

  constructor({ folder, state, file, note, random, limits, onFileBegun }: FrameWriterParts) {
    this.#folder = folder
    this.#state = state
    this.#file = file
    this.#note = note
    this.#random = random
    this.#onFileBegun = onFileBegun
    this.#limits = limits
    this.#zeros = new Uint8Array(limits.zerosAheadBytes)
    this.#maxBytes = limits.fileBytes(state.files.liveBytes)
    // Zeros follow the frames of the file.
    this.#zeroedUntil = file.length()
  }

  /** The next frame goes to a new file, so that the present one can be cleaned. */
  beginFile(): void {
    this.#wantsFile = true
  }

  async write(units: readonly JournalUnit[]): Promise<void> {
    const state = this.#state
    if (this.#wantsFile || state.files.last.length >= this.#maxBytes) await this.#beginFile()
    const known = state.files.last
    const operations = FrameOperations.of(units)
    const sequence = state.sequence + 1
    const { parts, length, payloadAt } = this.#encoder.encode(operations, known.head.nonce, sequence)
    const position = known.length
    const end = position + length
    const zeros = end > this.#zeroedUntil && length < shortFrameBytes ? this.#zeros : undefined
    await this.#file.append(parts, position, zeros)
    if (zeros) this.#zeroedUntil = end + zeros.length
    this.writtenBytes += length + (zeros?.length ?? 0)
    known.length = end
    const { start } = known.head
    state.apply(operations, sequence, start + position + payloadAt, start + end)
    this.#note.write({ sequence, end: start + end })
  }

  /** Cuts off the zeros ahead. This is not durable and need not be. */
  async trim(): Promise<void> {
    const { length } = this.#state.files.last
    if (this.#zeroedUntil > length) await this.#file.truncate(length)
    this.#zeroedUntil = 0
  }

  async #beginFile(): Promise<void> {
    this.#wantsFile = false
    const { files, sequence } = this.#state
    const { head, length } = files.last
    if (length === fileHeadBytes) return
    await this.trim()
    const next: JournalHead = {
      number: head.number + 1,
      nonce: nonceOf(this.#random),
      start: head.start + length,
      firstSequence: sequence + 1,
    }
    this.#file = await makeJournalFile(this.#folder, next)
    files.add(next, fileHeadBytes, 0, this.#file)
    this.#maxBytes = this.#limits.fileBytes(files.liveBytes)
    this.#onFileBegun()
  }
}

export function nonceOf(random: Random): number {
  return Math.floor(random.next() * 2 ** 32)
}
