import type { Changes } from '../records/changes.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'
import { ProducerOwners } from './producer-owners.ts'

/**
 * How many ids are reserved at a time, so that not every producer costs a write. Ids left when the engine ends are
 * never used.
 */
const blockSize = 1000
/** How many principals keep the rest of their block in memory; the longest unused gives its rest up. */
const mostBlocks = 10_000

/** Gives out producer ids, each once, even over restarts. Each principal has blocks of its own. */
export class ProducerIds {
  readonly owners = new ProducerOwners()
  /** The first id that is not reserved yet. */
  #reservedTo = 1000
  /** The reserved ids of each principal, from the longest unused on. */
  readonly #blocks = new Map<string | undefined, { next: number; readonly end: number }>()

  replay({ value }: MetadataRecord<'producerIds'>): void {
    if (value) this.#reservedTo = value.next
  }

  /** @param principal the owner of the id; without it, any program in this process */
  next(changes: Changes, principal?: string): number {
    const block = this.#blocks.get(principal) ?? this.#reserve(changes, principal)
    this.#blocks.delete(principal)
    const id = block.next++
    if (block.next < block.end) this.#blocks.set(principal, block)
    return id
  }

  #reserve(changes: Changes, principal: string | undefined): { next: number; readonly end: number } {
    const first = this.#reservedTo
    changes.put('producerIds', [], { next: first + blockSize })
    if (principal !== undefined) this.owners.add(changes, first, blockSize, principal)
    if (this.#blocks.size >= mostBlocks) this.#blocks.delete(this.#blocks.keys().next().value)
    return { next: first, end: first + blockSize }
  }
}
