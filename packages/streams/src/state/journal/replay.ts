import { type RecordView, recordsOf } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import type { StateFile } from './journal-files.ts'
import type { JournalMeta } from './journal-meta.ts'
import type { JournalState } from './journal-state.ts'
import { hashOfKey } from './key-hash.ts'
import { type Address, addressOf, nowhere } from './key-index.ts'

/** Repeats the changes of a journal's units, unit by unit. */
export class Replay {
  readonly #state: JournalState
  readonly #stores: number[] = []
  readonly #hashes: number[] = []
  readonly #from: Address[] = []
  readonly #to: Address[] = []
  /** The state in effect at the end of the last unit. */
  meta: JournalMeta
  readBytes = 0

  constructor(state: JournalState, meta: JournalMeta) {
    this.#state = state
    this.meta = meta
  }

  /**
   * Continues to read a file, up to the first damaged frame. The file then ends with its last whole unit.
   *
   * @param headMeta set when it is read from its beginning
   * @returns whether a frame follows with a right checksum and a content that no kafkado has written
   */
  async read(file: StateFile, end: number, headMeta: JournalMeta | undefined): Promise<boolean> {
    if (headMeta) {
      this.#enter(headMeta)
      file.length = file.headBytes
    }
    const reader = new FrameReader(file.file, file.length, end, file.checksum)
    const slot = this.#state.files.slotOf(file.id) as number
    for (let frame = await reader.next(); frame; frame = await reader.next()) {
      for (const record of recordsOf(frame.bytes))
        this.#note(record, frame.bytes, addressOf(slot, frame.at + record.at))
      this.readBytes += frame.bytes.length
      if (frame.meta === undefined) continue
      this.#enter(frame.meta)
      this.#apply()
      file.length = reader.position
      file.checksum = reader.checksum
      file.lastFrameAt = frame.at
    }
    this.#forget()
    return reader.isUnreadable
  }

  #enter(meta: JournalMeta): void {
    this.meta = meta
    this.#state.restoreMeta(meta)
  }

  #note(record: RecordView, bytes: Buffer, at: Address): void {
    const { keyAt, keyBytes, replacedFile } = record
    const slot = replacedFile === 0 ? undefined : this.#state.files.slotOf(replacedFile)
    this.#stores.push(record.store)
    this.#hashes.push(hashOfKey(bytes, this.#state.seed, keyAt, keyAt + keyBytes))
    this.#from.push(slot === undefined ? nowhere : addressOf(slot, record.replacedOffset))
    this.#to.push(record.isRemoval ? nowhere : at)
  }

  #apply(): void {
    for (let at = 0; at < this.#stores.length; at++) {
      const store = this.#state.storeByNumber(this.#stores[at] as number)
      store?.index.change(this.#hashes[at] as number, this.#from[at] as Address, this.#to[at] as Address)
    }
    this.#forget()
  }

  #forget(): void {
    for (const list of [this.#stores, this.#hashes, this.#from, this.#to]) list.length = 0
  }
}
