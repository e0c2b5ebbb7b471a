import { recordsOf } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import type { StateFile } from './journal-files.ts'
import type { JournalState } from './journal-state.ts'
import { hashOfKey } from './key-hash.ts'
import { addressOf } from './key-index.ts'
import { damagedState, misplaced } from './record-reader.ts'
import type { Unit } from './unit.ts'
import type { UpkeepParts } from './upkeep-parts.ts'

/**
 * Gives up the oldest file: copies the part in use, some at a time, so that the file is no longer needed. Others write
 * between two steps, though not within one, so each record is checked in its turn.
 */
export class GivingUp {
  readonly file: StateFile
  readonly #state: JournalState
  readonly #folder: string
  readonly #stepBytes: number
  readonly #onDamage: () => void
  readonly #slot: number
  readonly #reader: FrameReader
  isDone = false

  constructor({ state, folder, sizes, onDamage }: UpkeepParts) {
    this.#state = state
    this.#folder = folder.path
    this.#stepBytes = sizes.stepBytes
    this.#onDamage = onDamage
    this.file = state.files.oldest
    this.#slot = state.files.slotOf(this.file.id) as number
    const { file, headBytes, length, nonce } = this.file
    this.#reader = new FrameReader(file, headBytes, length, nonce)
  }

  /** Checks that all of the part in use was copied. @throws StorageError when the index leads to something else here */
  requireUnused(): void {
    for (const { index } of this.#state.stores) {
      const first = index.firstIn(this.#slot)
      if (first === undefined) continue
      this.#onDamage()
      throw damagedState(this.#folder, this.file.number, first, misplaced)
    }
  }

  /** Copies some of it. Returns how many bytes it has examined. @throws StorageError when the file is damaged */
  async move(unit: Unit): Promise<number> {
    const start = this.#reader.position
    while (this.#reader.position - start < this.#stepBytes) {
      const frame = await this.#reader.next()
      if (!frame) {
        const { position } = this.#reader
        if (position !== this.file.length) {
          this.#onDamage()
          throw damagedState(this.#folder, this.file.number, position)
        }
        this.isDone = true
        break
      }
      for (const record of recordsOf(frame.bytes)) {
        const store = record.isRemoval ? undefined : this.#state.storeByNumber(record.store)
        if (!store) continue
        const { keyAt, keyBytes, length, at } = record
        const hash = hashOfKey(frame.bytes, this.#state.seed, keyAt, keyAt + keyBytes)
        const address = addressOf(this.#slot, frame.at + at)
        if (!store.index.has(hash, address)) continue
        unit.add(store, hash, address, length, record.key, record.value)
      }
      if (unit.isFrameFull) await unit.writeFrame()
    }
    return this.#reader.position - start
  }
}
