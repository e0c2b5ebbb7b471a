import { type Random, StorageError } from '@kafkado/core'
import type { Checkpoint } from '../state-storage.ts'
import { isOvertaken, stateFileName } from './file-head.ts'
import { FrameWriter } from './frame.ts'
import type { JournalFolder } from './journal-folder.ts'
import type { JournalSizes } from './journal-sizes.ts'
import type { JournalState, StoreIndex } from './journal-state.ts'
import { nextFile } from './new-file.ts'
import { Unit } from './unit.ts'

/** The state that takes effect with a unit, besides its records. */
export interface UnitEnd {
  readonly checkpoint: Checkpoint
  /** Stores that are new, or replace those with the same names. */
  readonly fresh?: readonly StoreIndex[]
}

/** Writes units, one after the other, until another process opens the folder. */
export class JournalWriter {
  readonly #folder: JournalFolder
  readonly #state: JournalState
  readonly #random: Random
  readonly #sizes: JournalSizes
  readonly #frame = new FrameWriter()
  /** The bytes written since it was opened. */
  writtenBytes = 0
  #isOwner = true

  constructor(folder: JournalFolder, state: JournalState, random: Random, sizes: JournalSizes) {
    this.#folder = folder
    this.#sizes = sizes
    this.#state = state
    this.#random = random
  }

  /** Whether no other process has opened the folder, as far as is known. */
  get isOwner(): boolean {
    return this.#isOwner
  }

  /**
   * Writes a unit, or nothing of it.
   *
   * @param fill puts records into it
   * @throws StorageError when another process owns the folder
   * @throws the disk's error; the former state then stays in effect
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
      // Frees the space if possible; the next unit begins there in any case.
      await file.file.truncate(length).catch(() => undefined)
      throw error
    }
    this.writtenBytes += file.length - length
  }

  /** Later writes go to a new file. */
  async nextFile(): Promise<void> {
    const next = await nextFile(this.#folder, this.#state, this.#state.files.newest.number + 1, this.#random)
    if (!next) throw this.#takenOver()
    this.#state.files.add(next)
  }

  /** Makes everything written durable. */
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

  /** @throws StorageError when another process has opened the folder since, or it was removed */
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
