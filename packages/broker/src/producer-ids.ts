import { readMetadata } from './storage/read-metadata.ts'
import type { Storage, StorageChanges } from './storage/storage.ts'

/** Set aside at a time, so that not every producer costs a write. Those not used when the engine ends are never used. */
const blockSize = 1000

/** Hands out producer ids, each once, also over restarts. */
export class ProducerIds {
  #next = 1000
  #reservedTo = 1000

  restore(storage: Storage): void {
    this.#next = readMetadata(storage, 'producerIds')[0]?.value?.next ?? this.#next
    this.#reservedTo = this.#next
  }

  next(changes: StorageChanges): number {
    if (this.#next === this.#reservedTo) {
      this.#reservedTo += blockSize
      changes.put('producerIds', [], { next: this.#reservedTo })
    }
    return this.#next++
  }
}
