import type { Checkpoint } from '../state-storage.ts'
import { frameChecksum, type FrameWriter } from './frame.ts'
import type { StateFile } from './journal-files.ts'
import type { JournalState, StoreIndex } from './journal-state.ts'
import { type Address, addressOf, nowhere, offsetOf, slotOf } from './key-index.ts'

/**
 * Changes that count all or not at all. Its frames are written as it grows; they are in force, here and after a
 * restart, when it is committed.
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
  /** By how much the records that count grow, by the id of the file. */
  readonly #live = new Map<number, number>()
  #position: number
  #checksum: number
  #lastFrameAt: number

  /** @param frame whose memory is used @param frameBytes how long it may become */
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
   * @param from where the record lies that it replaces, or nowhere
   * @param fromLength how long that one is
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

  /** So many bytes of a file do not count any more, of records that are not named. */
  noteGone(id: number, bytes: number): void {
    this.#grow(id, -bytes)
  }

  /** Where the last one that was added lies; nowhere when it removes a key. */
  get lastAddress(): Address {
    return this.#to.at(-1) ?? nowhere
  }

  /** Whether the frame is so long that it should be written. */
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

  /** @param fresh stores that are new, or take the place of those by their names */
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
