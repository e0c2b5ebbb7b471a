import { type Random, StorageError } from '@kafkado/core'
import type { Checkpoint } from '../state-storage.ts'
import { isOvertaken, stateFileName } from './file-head.ts'
import { FrameWriter } from './frame.ts'
import type { JournalFolder } from './journal-folder.ts'
import type { JournalSizes } from './journal-sizes.ts'
import type { JournalState, StoreIndex } from './journal-state.ts'
import { nextFile } from './new-file.ts'
import { Unit } from './unit.ts'

/** What comes into force with a unit, beside its records. */
export interface UnitEnd {
  readonly checkpoint: Checkpoint
  /** Stores that are new, or take the place of those by their names. */
  readonly fresh?: readonly StoreIndex[]
}

/** Writes units, one after the other, as long as nobody else has opened the folder. */
export class JournalWriter {
  readonly #folder: JournalFolder
  readonly #state: JournalState
  readonly #random: Random
  readonly #sizes: JournalSizes
  readonly #frame = new FrameWriter()
  /** How many bytes were written, from when it was opened. */
  writtenBytes = 0
  #isOwner = true

  constructor(folder: JournalFolder, state: JournalState, random: Random, sizes: JournalSizes) {
    this.#folder = folder
    this.#sizes = sizes
    this.#state = state
    this.#random = random
  }

  /** Whether nobody else has opened the folder, as far as is known. */
  get isOwner(): boolean {
    return this.#isOwner
  }

  /**
   * Writes a unit, or nothing of it.
   *
   * @param fill puts records into it
   * @throws StorageError when the folder belongs to somebody else
   * @throws what the disk throws, and then what was in force still is
   */
  async write(fill: (unit: Unit) => Promise<UnitEnd>): Promise<void> {
    await this.requireOwner()
    const { files } = this.#state
    if (files.newest.length >= this.#sizes.fullFileBytes(files.liveBytes)) await this.nextFile()
    const file = files.newest
    const { length } = file
    try {
      const unit = new Unit(this.#state, this.#frame, this.#sizes.frameBytes)
      const { checkpoint, fresh } = await fill(unit)
      await unit.commit(checkpoint, fresh)
    } catch (error) {
      // Gives back the room, if it can; the next unit begins there in any case.
      await file.file.truncate(length).catch(() => undefined)
      throw error
    }
    this.writtenBytes += file.length - length
  }

  /** From now on another file is written to. */
  async nextFile(): Promise<void> {
    const next = await nextFile(this.#folder, this.#state, this.#state.files.newest.number + 1, this.#random)
    if (!next) throw this.#takenOver()
    this.#state.files.add(next)
  }

  /** Makes durable what was written. */
  async sync(): Promise<void> {
    for (const file of this.#state.files.all) {
      if (!file.isUnsynced) continue
      file.isUnsynced = false
      try {
        await file.file.sync()
      } catch (error) {
        file.isUnsynced = true
        throw error
      }
    }
    await this.#folder.sync()
  }

  /** @throws StorageError when somebody else has opened the folder since, or it was removed */
  async requireOwner(): Promise<void> {
    if (!this.#isOwner) throw this.#takenOver()
    const { number } = this.#state.files.newest
    const names = await this.#folder.names()
    if (isOvertaken(number, names)) throw this.#takenOver()
    if (!names.includes(stateFileName(number))) throw new Error(`its file ${stateFileName(number)} was removed`)
  }

  #takenOver(): StorageError {
    this.#isOwner = false
    return new StorageError(`the folder ${this.#folder.path} was taken over by another process`, { retriable: false })
  }
}
