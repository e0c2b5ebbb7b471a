import { StorageError } from '@kafkado/core'
import type { Storage, StorageChanges } from '../storage/storage.ts'

/** Measured again after so many bytes, which is often enough that the reserve covers what is written in between. */
const measureEveryBytes = 16 * 1024 * 1024
/** A database writes more than the bytes of the batches: pages that are only half filled, and its tree. */
const writtenPerByte = 2

/**
 * Refuses records in time when the disk fills up. A write that fails half-way stops the engine; one that is refused beforehand only has to
 * be sent again, once there is room.
 */
export class FreeSpace {
  readonly #storage: Storage
  readonly #minFreeBytes: number
  #freeBytes = Number.POSITIVE_INFINITY
  #sinceMeasured = 0
  #measuring: Promise<void> | undefined

  constructor(storage: Storage, minFreeBytes: number) {
    this.#storage = storage
    this.#minFreeBytes = minFreeBytes
  }

  measure(): Promise<void> {
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined
    })
    return this.#measuring
  }

  /** Takes note of what is about to be written. */
  use({ batches }: StorageChanges): void {
    let bytes = 0
    for (const batch of batches) bytes += batch.bytes.length * writtenPerByte
    this.#freeBytes -= bytes
    this.#sinceMeasured += bytes
    if (this.#sinceMeasured > measureEveryBytes) void this.measure()
  }

  /** @throws StorageError when there is too little room for more records; it is measured again, so a later attempt may succeed */
  check(): void {
    if (this.#freeBytes >= this.#minFreeBytes) return
    void this.measure()
    throw new StorageError(
      `the disk is nearly full: ${Math.max(this.#freeBytes, 0)} bytes are free, fewer than the ${this.#minFreeBytes} that are kept in reserve (minFreeBytes); records can be read and deleted, and are taken again once there is room`,
      { retriable: true, outcome: 'failed' },
    )
  }

  async #measure(): Promise<void> {
    try {
      this.#freeBytes = await this.#storage.freeBytes()
      this.#sinceMeasured = 0
    } catch {
      // A folder that cannot be looked at shows itself at the next write.
    }
  }
}
