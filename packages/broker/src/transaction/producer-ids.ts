import type { Changes } from '../records/changes.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'

/**
 * How many ids are reserved at a time, so that not every producer costs a write. Ids left when the engine ends are
 * never used.
 */
const blockSize = 1000

/** Gives out producer ids, each once, even over restarts. */
export class ProducerIds {
  /** The first id that is not reserved yet. */
  #reservedTo = 1000
  /** How many reserved ids are left. */
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
