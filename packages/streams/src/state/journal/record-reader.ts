import { StorageError } from '@kafkado/core'
import { stateFileName } from './file-head.ts'
import { RecordView, recordHeadBytes } from './frame.ts'
import type { JournalFiles, StateFile } from './journal-files.ts'
import type { StoreIndex } from './journal-state.ts'
import { hashOfKey } from './key-hash.ts'
import { type Address, nowhere, offsetOf, slotOf } from './key-index.ts'

/** Most records are shorter: one read takes the whole record. */
const usualBytes = 2048
/** The size of one read when many records are read. */
const pieceBytes = 256 * 1024

/**
 * Reads records by their addresses. A record has its own checksum, and is the whole of another key when the disk has
 * moved bytes; so it also has to be what the index says of its address.
 */
export class RecordReader {
  readonly #files: JournalFiles
  readonly #seed: number
  readonly #folder: string
  readonly #onDamage: () => void
  readonly #usual = Buffer.allocUnsafeSlow(usualBytes)
  readonly #view = new RecordView()

  /** @param seed of key hashes @param onDamage called before the error is thrown */
  constructor(files: JournalFiles, seed: number, folder: string, onDamage: () => void) {
    this.#files = files
    this.#seed = seed
    this.#folder = folder
    this.#onDamage = onDamage
  }

  /** The value of a key; undefined if the record has another key with the same hash. @throws StorageError */
  value(address: Address, store: StoreIndex, key: Uint8Array): Uint8Array | undefined {
    const view = this.#recordOf(address, store, key)
    return view && new Uint8Array(view.value)
  }

  /** The length of a key's record; undefined if the record has another key with the same hash. @throws StorageError */
  recordLength(address: Address, store: StoreIndex, key: Uint8Array): number | undefined {
    return this.#recordOf(address, store, key)?.length
  }

  /**
   * Reads many records by few large reads; each is valid until the next.
   *
   * @param addresses of the store, ascending
   * @throws StorageError
   */
  *inOrder(addresses: Float64Array, store: StoreIndex): Generator<RecordView> {
    const [piece, view] = [Buffer.allocUnsafeSlow(pieceBytes), new RecordView()]
    let [start, found] = [nowhere, 0]
    for (let next = 0; next < addresses.length; next++) {
      const address = addresses[next] as Address
      if (start === nowhere || !isWhole(view, piece, address - start, found)) {
        found = this.#fill(piece.subarray(0, pieceLength(addresses, next)), this.#fileAt(address), offsetOf(address))
        start = address
      }
      // A record longer than a piece, or a damaged one, is read separately, which reports the damage.
      const record = isWhole(view, piece, address - start, found) && view.isSound ? view : this.#read(address)
      if (!this.#isIndexed(record, address, store)) throw this.#misplaced(address)
      yield record
    }
  }

  #recordOf(address: Address, store: StoreIndex, key: Uint8Array): RecordView | undefined {
    const view = this.#read(address)
    if (!view.isRemoval && view.isOf(store.number, key)) return view
    if (!this.#isIndexed(view, address, store)) throw this.#misplaced(address)
    return undefined
  }

  /** Whether the index of the store has the record's key at this address. */
  #isIndexed(view: RecordView, address: Address, { number, index }: StoreIndex): boolean {
    return !view.isRemoval && view.store === number && index.has(hashOfKey(view.key, this.#seed), address)
  }

  #misplaced(address: Address): StorageError {
    return this.#damage(this.#fileAt(address), offsetOf(address), misplaced)
  }

  /** Returns a sound record, valid until the next is read. */
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

  /** Returns how many bytes it has read of what counts in the file. */
  #fill(bytes: Buffer, { file, number, length }: StateFile, offset: number): number {
    try {
      return Math.min(file.readSync(bytes, offset), length - offset)
    } catch (cause) {
      throw new StorageError(
        `the file ${stateFileName(number)} in the folder ${this.#folder} for state cannot be read: ${String(cause)}`,
        { cause, retriable: false },
      )
    }
  }

  #damage({ number }: StateFile, offset: number, problem?: string): StorageError {
    this.#onDamage()
    return damagedState(this.#folder, number, offset, problem)
  }
}

/** Whether the whole record that begins here is in the bytes; the view then shows it. */
function isWhole(view: RecordView, piece: Buffer, at: number, end: number): boolean {
  if (at + recordHeadBytes > end) return false
  view.lookAt(piece, at)
  return at + view.length <= end
}

/** How much to read for a record and those close behind it; less if the next ones are far away. */
function pieceLength(addresses: Float64Array, first: number): number {
  const start = addresses[first] as Address
  const most = start + pieceBytes - usualBytes
  let last = first
  while (last + 1 < addresses.length && (addresses[last + 1] as Address) <= most) last++
  return (addresses[last] as Address) - start + usualBytes
}

export const misplaced = 'the record there is another one than the index says'

/** Retriable: opening the folder again finds the records before it, and the rest comes from the changelog. */
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
