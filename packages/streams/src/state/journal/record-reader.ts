import { StorageError } from '@kafkado/core'
import { stateFileName } from './file-head.ts'
import { RecordView, recordHeadBytes } from './frame.ts'
import type { JournalFiles, StateFile } from './journal-files.ts'
import { type Address, nowhere, offsetOf, slotOf } from './key-index.ts'

/** Most records are shorter: one read takes them whole. */
const usualBytes = 2048
/** So much is read at once where many are read. */
const pieceBytes = 256 * 1024

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

  /**
   * Many records, each until the next is read, by few reads of large pieces.
   *
   * @param addresses from the least to the greatest
   * @throws StorageError
   */
  *inOrder(addresses: Float64Array): Generator<RecordView> {
    const [piece, view] = [Buffer.allocUnsafeSlow(pieceBytes), new RecordView()]
    let [start, found] = [nowhere, 0]
    for (let next = 0; next < addresses.length; next++) {
      const address = addresses[next] as Address
      if (start === nowhere || !isWhole(view, piece, address - start, found)) {
        found = this.#fill(piece.subarray(0, pieceLength(addresses, next)), this.#fileAt(address), offsetOf(address))
        start = address
      }
      // One that is longer than a piece is read by itself, and one that is not sound is told of there.
      yield isWhole(view, piece, address - start, found) && view.isSound ? view : this.#read(address)
    }
  }

  /** A sound record, until the next is read. */
  #read(address: Address): RecordView {
    const [offset, file] = [offsetOf(address), this.#fileAt(address)]
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

  #fileAt(address: Address): StateFile {
    const slot = slotOf(address)
    const file = this.#files.inSlot(slot)
    if (file) return file
    this.#onDamage()
    throw damagedState(this.#folder, this.#files.lastNumberIn(slot), offsetOf(address), 'it was given up')
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

/** Whether a record that begins there is there up to its end; the view looks at it then. */
function isWhole(view: RecordView, piece: Buffer, at: number, end: number): boolean {
  if (at + recordHeadBytes > end) return false
  view.lookAt(piece, at)
  return at + view.length <= end
}

/** How much to read for a record and those close behind it, and no more where the next ones lie far away. */
function pieceLength(addresses: Float64Array, first: number): number {
  const start = addresses[first] as Address
  const most = start + pieceBytes - usualBytes
  let last = first
  while (last + 1 < addresses.length && (addresses[last + 1] as Address) <= most) last++
  return (addresses[last] as Address) - start + usualBytes
}

/** It passes: whoever opens the folder anew has what lies before it, and the rest comes from the changelog. */
export function damagedState(
  folder: string,
  number: number,
  byte: number,
  problem = 'it is not what was written',
): StorageError {
  return new StorageError(
    `the file ${stateFileName(number)} in the folder ${folder} for state is damaged at byte ${byte}: ${problem}.` +
      ` When the folder is opened anew, what was written from there on comes from the changelog`,
    { retriable: true, outcome: 'failed' },
  )
}
