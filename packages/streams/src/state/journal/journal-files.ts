import type { FileMark } from './file-head.ts'
import type { JournalFile } from './journal-folder.ts'

/** An open file. */
export interface StateFile {
  readonly number: number
  readonly id: number
  readonly nonce: number
  readonly file: JournalFile
  readonly headBytes: number
  /** The end of its last frame that counts. */
  length: number
  /** The checksum of its last frame. */
  checksum: number
  /** The start of its last frame; 0 without one. */
  lastFrameAt: number
  /** The bytes of its records in use. */
  liveBytes: number
  /** Whether it has unsynced writes. */
  isUnsynced: boolean
}

/** The files of a journal in the order of their ids, and by the slots that addresses use for them. */
export class JournalFiles {
  readonly #slots: (StateFile | undefined)[] = []
  readonly #lastNumbers: number[] = []
  readonly #byId = new Map<number, number>()
  #ordered: readonly StateFile[] = []

  get all(): readonly StateFile[] {
    return this.#ordered
  }

  get oldest(): StateFile {
    return this.#ordered[0] as StateFile
  }

  /** The file being written. */
  get newest(): StateFile {
    return this.#ordered.at(-1) as StateFile
  }

  get totalBytes(): number {
    return this.#ordered.reduce((sum, { length }) => sum + length, 0)
  }

  get liveBytes(): number {
    return this.#ordered.reduce((sum, { liveBytes }) => sum + liveBytes, 0)
  }

  /** Replaces a file with the same id, and returns that one. */
  add(file: StateFile): StateFile | undefined {
    const before = this.#byId.get(file.id)
    const free = this.#slots.indexOf(undefined)
    const slot = before ?? (free < 0 ? this.#slots.length : free)
    const replaced = this.#slots[slot]
    this.#slots[slot] = file
    this.#lastNumbers[slot] = file.number
    this.#byId.set(file.id, slot)
    this.#order()
    return replaced
  }

  remove({ id }: StateFile): void {
    const slot = this.#byId.get(id)
    if (slot === undefined) return
    this.#slots[slot] = undefined
    this.#byId.delete(id)
    this.#order()
  }

  inSlot(slot: number): StateFile | undefined {
    return this.#slots[slot]
  }

  /** The number of the file in a slot, or of the last one there; 0 for none. */
  lastNumberIn(slot: number): number {
    return this.#lastNumbers[slot] ?? 0
  }

  slotOf(id: number): number | undefined {
    return this.#byId.get(id)
  }

  marks(): FileMark[] {
    return this.#ordered.map(({ number, id, nonce, length, checksum }) => ({ number, id, nonce, length, checksum }))
  }

  async close(): Promise<void> {
    for (const { file } of this.#ordered) await file.close()
  }

  #order(): void {
    this.#ordered = this.#slots.filter((file) => file !== undefined).sort((left, right) => left.id - right.id)
  }
}
