import { StorageError } from '@kafkado/core'
import { stateFileName } from './file-head.ts'
import { RecordView, recordHeadBytes } from './frame.ts'
import type { JournalFiles, StateFile } from './journal-files.ts'
import { type Address, offsetOf, slotOf } from './key-index.ts'

/** Most records are shorter: one read takes them whole. */
const usualBytes = 2048

/** Reads single records from where they lie. */
export class RecordReader {
  readonly #files: JournalFiles
  readonly #folder: string
  readonly #onDamage: () => void
  readonly #usual = Buffer.allocUnsafeSlow(usualBytes)
  readonly #view = new RecordView()

  /** @param onDamage is told before it is thrown */
  constructor(files: JournalFiles, folder: string, onDamage: () => void) {
    this.#files = files
    this.#folder = folder
    this.#onDamage = onDamage
  }

  /** The value of a key; undefined when the record is of another key. @throws StorageError */
  value(address: Address, store: number, key: Uint8Array): Uint8Array | undefined {
    const view = this.#read(address)
    return view.isOf(store, key) ? new Uint8Array(view.value) : undefined
  }

  /** How long the record of a key is; undefined when it is of another key. @throws StorageError */
  recordLength(address: Address, store: number, key: Uint8Array): number | undefined {
    const view = this.#read(address)
    return view.isOf(store, key) ? view.length : undefined
  }

  /** The key of a record. @throws StorageError */
  key(address: Address): Buffer {
    return this.#read(address).key
  }

  /** A sound record, until the next is read. */
  #read(address: Address): RecordView {
    const [offset, file] = [offsetOf(address), this.#files.inSlot(slotOf(address))]
    if (!file) throw new Error(`the folder ${this.#folder} for state has no file for a record any more`)
    const view = this.#view
    const found = this.#fill(this.#usual, file, offset)
    if (found < recordHeadBytes) throw this.#damage(file, offset)
    view.lookAt(this.#usual, 0)
    const { length } = view
    if (length > file.length - offset) throw this.#damage(file, offset)
    if (length > found) {
      const whole = Buffer.allocUnsafe(length)
      if (this.#fill(whole, file, offset) < length) throw this.#damage(file, offset)
      view.lookAt(whole, 0)
    }
    if (!view.isSound) throw this.#damage(file, offset)
    return view
  }

  #fill(bytes: Buffer, { file, number }: StateFile, offset: number): number {
    try {
      return file.readSync(bytes, offset)
    } catch (cause) {
      throw new StorageError(
        `the file ${stateFileName(number)} in the folder ${this.#folder} for state cannot be read: ${String(cause)}`,
        { cause, retriable: false },
      )
    }
  }

  #damage({ number }: StateFile, offset: number): StorageError {
    this.#onDamage()
    return damagedState(this.#folder, number, offset)
  }
}

/** It passes: whoever opens the folder anew has what lies before it, and the rest comes from the changelog. */
export function damagedState(folder: string, number: number, byte: number): StorageError {
  return new StorageError(
    `the file ${stateFileName(number)} in the folder ${folder} for state is damaged at byte ${byte}: it is not what was written. When the folder is opened anew, what was written from there on comes from the changelog`,
    { retriable: true, outcome: 'failed' },
  )
}
