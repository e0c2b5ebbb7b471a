import { copyBytes } from '@kafkado/core/internal'

/** Large enough for many batches of usual producers, small enough that an idle one does no harm. */
const chunkBytes = 1024 * 1024
/** Longer batches get their own memory: they are few, and would leave much of a chunk empty. */
const longestBytes = chunkBytes / 2
/** How many free chunks are kept; a burst's further chunks go when it is over. */
const mostFree = 16

/** Memory for batches back to back. In use while one of their units is on its way. */
export class Chunk {
  readonly bytes: Uint8Array = new Uint8Array(chunkBytes)
  used = 0
  units = 0
}

/**
 * Holds the copies of appended batches until they are durable. Allocating and collecting memory for each would cost
 * more than the copy itself.
 *
 * A copy belongs to its unit. The engine frees a unit's copies when its commit has resolved, so nobody may keep one
 * longer. Copies of a failed or dropped unit are left to garbage collection.
 */
export class BatchMemory {
  readonly #free: Chunk[] = []
  #current: Chunk | undefined

  /** @param held the unit's chunks; adds the chunk of the copy */
  copy(batch: Uint8Array, held: Chunk[]): Uint8Array {
    const { length } = batch
    if (length > longestBytes) return copyBytes(batch)
    let chunk = this.#current
    if (!chunk || chunk.used + length > chunkBytes) this.#current = chunk = this.#free.pop() ?? new Chunk()
    // A unit fills its chunks one after the other.
    if (held.at(-1) !== chunk) {
      held.push(chunk)
      chunk.units++
    }
    const copy = chunk.bytes.subarray(chunk.used, (chunk.used += length))
    copy.set(batch)
    return copy
  }

  giveBack(held: Chunk[]): void {
    for (const chunk of held) {
      if (--chunk.units > 0) continue
      chunk.used = 0
      if (chunk !== this.#current && this.#free.length < mostFree) this.#free.push(chunk)
    }
    held.length = 0
  }
}
