import { copyBytes } from '@kafkado/core/internal'

/** Large enough for many batches of the size that producers make, small enough that one lies idle without harm. */
const chunkBytes = 1024 * 1024
/** Longer batches get memory of their own: they are few, and would leave much of a chunk empty. */
const longestBytes = chunkBytes / 2
/** So many chunks are kept for later; what a burst takes beyond goes when it is over. */
const mostFree = 16

/** Memory in which batches lie back to back, for as long as one of the units is on its way that put them there. */
export class Chunk {
  readonly bytes: Uint8Array = new Uint8Array(chunkBytes)
  used = 0
  units = 0
}

/**
 * Where the copies of appended batches lie until they are durable. New memory for each costs more than the copy itself,
 * as it has to be found, and collected again.
 *
 * A copy belongs to its unit. The engine gives all that a unit has back when its commit has resolved, so nobody may
 * hold one beyond that. What is never given back, as the unit failed or was dropped, is left to the collector of
 * garbage.
 */
export class BatchMemory {
  readonly #free: Chunk[] = []
  #current: Chunk | undefined

  /** @param held the chunks that the unit has, to which the one of the copy is added */
  copy(batch: Uint8Array, held: Chunk[]): Uint8Array {
    const { length } = batch
    if (length > longestBytes) return copyBytes(batch)
    let chunk = this.#current
    if (!chunk || chunk.used + length > chunkBytes) this.#current = chunk = this.#free.pop() ?? new Chunk()
    // Those of a unit are taken one after the other.
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
