import { StorageError } from '@kafkado/core'
import { SingleFlight } from '@kafkado/core/internal'
import type { Storage, StorageChanges } from '../storage/storage.ts'

/** Measured again after so many bytes, which is often enough that the reserve covers what is written in between. */
const measureEveryBytes = 16 * 1024 * 1024
/** A database writes more than the bytes of the batches: pages that are only half filled, and its tree. */
const writtenPerByte = 2
/** About what a record of metadata takes, or an entry of an index; how long it is in the end only the storage knows. */
const recordBytes = 256

/**
 * Refuses records in time when the disk fills up. A write that fails half-way stops the engine; one that is refused
 * beforehand only has to be sent again, once there is room.
 */
export class FreeSpace {
  readonly #storage: Storage
  readonly #minFreeBytes: number
  /** When it was measured last. */
  #freeBytes = Number.POSITIVE_INFINITY
  /** What was to be written since then, about; and what the storage had written by then. */
  #expectedBytes = 0
  #writtenBytes = 0
  readonly #measuring = new SingleFlight()

  constructor(storage: Storage, minFreeBytes: number) {
    this.#storage = storage
    this.#minFreeBytes = minFreeBytes
  }

  measure(): Promise<void> {
    return this.#measuring.join(() => this.#measure())
  }

  /** Takes note of what is about to be written. */
  use({ batches, replacedBatches, indexEntries, records }: StorageChanges): void {
    let bytes = (records.length + indexEntries.length) * recordBytes
    for (const batch of batches) bytes += batch.bytes.length * writtenPerByte
    for (const { bytes: replacement } of replacedBatches) bytes += (replacement?.length ?? 0) * writtenPerByte
    this.#expectedBytes += bytes
    if (this.#usedBytes > measureEveryBytes) void this.measure()
  }

  /**
   * @throws StorageError when there is too little room for more records; it is measured again, so a later attempt may
   *   succeed
   */
  check(): void {
    const freeBytes = this.#freeBytes - this.#usedBytes
    if (freeBytes >= this.#minFreeBytes) return
    void this.measure()
    throw new StorageError(
      `the disk is nearly full: ${Math.max(freeBytes, 0)} bytes are free, fewer than the ${this.#minFreeBytes} ` +
        'that are kept in reserve (minFreeBytes); records can be read and deleted, and are taken again once ' +
        'there is room',
      { retriable: true, outcome: 'failed' },
    )
  }

  /** Since it was measured: what storages write by themselves, to tidy up, counts where they tell. */
  get #usedBytes(): number {
    return Math.max(this.#expectedBytes, (this.#storage.writtenBytes ?? 0) - this.#writtenBytes)
  }

  async #measure(): Promise<void> {
    try {
      // What is written meanwhile may be in the measure or not, so it counts.
      const [expectedBytes, writtenBytes] = [this.#expectedBytes, this.#storage.writtenBytes ?? 0]
      this.#freeBytes = await this.#storage.freeBytes()
      this.#expectedBytes -= expectedBytes
      this.#writtenBytes = writtenBytes
    } catch {
      // A folder that cannot be looked at shows itself at the next write.
    }
  }
}
