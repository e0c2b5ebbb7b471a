import type { Changes } from '../records/changes.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'

/**
 * Set aside at a time, so that not every producer costs a write. Those not used when the engine ends are never used.
 */
const blockSize = 1000

/** Hands out producer ids, each once, also over restarts. */
export class ProducerIds {
  /** The first that was not set aside yet. */
  #reservedTo = 1000
  /** How many of those set aside are left. */
  #left = 0

  replay({ value }: MetadataRecord<'producerIds'>): void {
    if (value) this.#reservedTo = value.next
  }

  next(changes: Changes): number {
    if (this.#left === 0) {
      changes.put('producerIds', [], { next: this.#reservedTo + blockSize })
      this.#left = blockSize
    }
    return this.#reservedTo - this.#left--
  }
}
