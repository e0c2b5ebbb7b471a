import { crc32c } from '@kafkado/core/internal'
import type { JournalFile, JournalFolder } from './journal-folder.ts'

/**
 * The file `acknowledged` states the length of the journal at its last acknowledgement, little-endian:
 *
 *     at  size  field
 *      0     8  "KFKACKN1"
 *      8     8  sequence         of the last acknowledged frame
 *     16     8  end              the address behind it
 *     24     4  CRC-32C of all before
 *
 * It is written after a frame is durable and never synced, so it never states too much. It outlives a killed process: a
 * journal that ends earlier was truncated by somebody else, and counts as damaged. After a power cut it may be older,
 * or missing; then a journal truncated behind the stated length looks like one with a torn last write.
 */
const name = 'acknowledged'
const noteBytes = 28
const magic = 'KFKACKN1'

export interface Acknowledged {
  readonly sequence: number
  readonly end: number
}

export class AcknowledgedNote {
  readonly #file: JournalFile
  readonly #bytes = Buffer.alloc(noteBytes)

  private constructor(file: JournalFile) {
    this.#file = file
    this.#bytes.write(magic, 'latin1')
  }

  static open(folder: JournalFolder, names: readonly string[]): AcknowledgedNote {
    return new AcknowledgedNote(names.includes(name) ? folder.open(name, 'synced') : folder.create(name, 'synced'))
  }

  /** Reads the note of a folder that belongs to somebody else and stays unchanged; undefined without a note. */
  static async readIn(folder: JournalFolder): Promise<Acknowledged | undefined> {
    if (!(await folder.names()).includes(name)) return undefined
    const note = new AcknowledgedNote(folder.open(name, 'read'))
    try {
      return note.read()
    } finally {
      note.close()
    }
  }

  /** The content of the file; undefined if it is not valid. */
  read(): Acknowledged | undefined {
    const bytes = Buffer.alloc(noteBytes)
    this.#file.readSync([bytes], 0)
    if (bytes.toString('latin1', 0, 8) !== magic || bytes.readUInt32LE(24) !== crc32c(bytes, 0, 24)) return undefined
    const [sequence, end] = [bytes.readDoubleLE(8), bytes.readDoubleLE(16)]
    const areCounts = [sequence, end].every((one) => Number.isSafeInteger(one) && one >= 0)
    return areCounts ? { sequence, end } : undefined
  }

  write({ sequence, end }: Acknowledged): void {
    this.#bytes.writeDoubleLE(sequence, 8)
    this.#bytes.writeDoubleLE(end, 16)
    this.#bytes.writeUInt32LE(crc32c(this.#bytes, 0, 24), 24)
    try {
      this.#file.writeSync(this.#bytes, 0)
    } catch {
      // The note is then older, but still true.
    }
  }

  close(): void {
    this.#file.close()
  }
}
