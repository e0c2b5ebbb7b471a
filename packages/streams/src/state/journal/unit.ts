import type { Checkpoint } from '../state-storage.ts'
import { frameChecksum, type FrameWriter } from './frame.ts'
import type { StateFile } from './journal-files.ts'
import type { JournalState, StoreIndex } from './journal-state.ts'
import { type Address, addressOf, nowhere, offsetOf, slotOf } from './key-index.ts'

/**
 * Changes that count all or not at all. Its frames are written as it grows; they take effect when it is committed, here
 * and after a restart.
 */
export class Unit {
  readonly #state: JournalState
  readonly #file: StateFile
  readonly #slot: number
  readonly #frame: FrameWriter
  readonly #frameBytes: number
  readonly #stores: StoreIndex[] = []
  readonly #hashes: number[] = []
  readonly #from: Address[] = []
  readonly #to: Address[] = []
  /** The change of the bytes in use, by the id of the file. */
  readonly #live = new Map<number, number>()
  #position: number
  #checksum: number
  #lastFrameAt: number

  /** @param frame provides the memory @param frameBytes its maximum length */
  constructor(state: JournalState, frame: FrameWriter, frameBytes: number) {
    this.#state = state
    this.#frameBytes = frameBytes
    this.#frame = frame
    frame.clear()
    this.#file = state.files.newest
    this.#slot = state.files.slotOf(this.#file.id) as number
    this.#position = this.#file.length
    this.#checksum = this.#file.checksum
    this.#lastFrameAt = this.#file.lastFrameAt
  }

  /**
   * Adds a record.
   *
   * @param from the place of the record it replaces, or nowhere
   * @param fromLength the length of that record
   * @param value null removes the key
   */
  add(
    store: StoreIndex,
    hash: number,
    from: Address,
    fromLength: number,
    key: Uint8Array,
    value: Uint8Array | null,
  ): void {
    const replaced = from === nowhere ? undefined : this.#state.files.inSlot(slotOf(from))
    const at = this.#frame.add(
      store.number,
      { fileId: replaced?.id ?? 0, offset: replaced ? offsetOf(from) : 0 },
      key,
      value,
    )
    const to = value ? addressOf(this.#slot, this.#position + at) : nowhere
    if (replaced) this.#grow(replaced.id, -fromLength)
    if (value) this.#grow(this.#file.id, this.#frame.length - at)
    this.#note(store, hash, from, to)
  }

  /** Subtracts bytes in use from a file, for records that are not named. */
  noteGone(id: number, bytes: number): void {
    this.#grow(id, -bytes)
  }

  /** The place of the last added record; nowhere if it removes a key. */
  get lastAddress(): Address {
    return this.#to.at(-1) ?? nowhere
  }

  /** Whether the frame is long enough to be written. */
  get isFrameFull(): boolean {
    return this.#frame.length >= this.#frameBytes
  }

  async writeFrame(meta?: string): Promise<void> {
    const frame = this.#frame.finish(this.#checksum, meta)
    this.#file.isUnsynced = true
    await this.#file.file.write(frame, this.#position)
    this.#checksum = frameChecksum(frame)
    this.#lastFrameAt = this.#position
    this.#position += frame.length
  }

  /** @param fresh stores that are new, or replace those with the same names */
  async commit(checkpoint: Checkpoint, fresh: readonly StoreIndex[] = []): Promise<void> {
    await this.writeFrame(JSON.stringify(this.#state.meta(checkpoint, fresh, this.#live)))
    const file = this.#file
    file.length = this.#position
    file.checksum = this.#checksum
    file.lastFrameAt = this.#lastFrameAt
    for (const one of this.#state.files.all) one.liveBytes = Math.max(0, one.liveBytes + (this.#live.get(one.id) ?? 0))
    for (const store of fresh) this.#state.setStore(store)
    this.#state.checkpoint = checkpoint
    for (let at = 0; at < this.#stores.length; at++)
      (this.#stores[at] as StoreIndex).index.change(
        this.#hashes[at] as number,
        this.#from[at] as Address,
        this.#to[at] as Address,
      )
  }

  #note(store: StoreIndex, hash: number, from: Address, to: Address): void {
    this.#stores.push(store)
    this.#hashes.push(hash)
    this.#from.push(from)
    this.#to.push(to)
  }

  #grow(id: number, bytes: number): void {
    this.#live.set(id, (this.#live.get(id) ?? 0) + bytes)
  }
}
