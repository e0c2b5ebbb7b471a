import { columns, type ChunkPlace, type TableChunk } from './table-chunk.ts'

/** Loads the rows of a chunk from its checkpoint. */
export type LoadChunk = (
  place: ChunkPlace,
  chunk: Pick<TableChunk, 'kind' | 'rows' | 'firstKey' | 'lastKey'>,
) => Float64Array

/** How many bytes of chunks stay in memory although a checkpoint has them. */
const keptBytes = 6 * 1024 * 1024

/** Decides which chunks have their rows in memory: all new ones, and the most recently used of the others. */
export class ChunkMemory {
  readonly #load: LoadChunk
  /** The chunks that can be dropped, the least recently used first. */
  readonly #used = new Set<TableChunk>()
  #keptRows = 0
  /** The approximate number of rows that no checkpoint has. */
  newRows = 0

  constructor(load: LoadChunk) {
    this.#load = load
  }

  /** The rows of a chunk. */
  cellsOf(chunk: TableChunk): Float64Array {
    if (!chunk.place) return chunk.cells as Float64Array
    if (chunk.cells) {
      // A chunk whose checkpoint is being written is not in the set yet.
      if (this.#used.delete(chunk)) this.#used.add(chunk)
      return chunk.cells
    }
    chunk.cells = this.#load(chunk.place, chunk)
    this.settled(chunk)
    return chunk.cells
  }

  /**
   * The rows of a chunk that is about to change, and is then new. @param changedRows how many of its rows count as new
   */
  cellsToChange(chunk: TableChunk, changedRows = chunk.place ? chunk.rows : 1): Float64Array {
    const cells = this.cellsOf(chunk)
    this.newRows += changedRows
    if (!chunk.place) return cells
    this.forget(chunk)
    chunk.place = undefined
    chunk.cells = cells
    return cells
  }

  /** From now on a checkpoint has its rows. */
  settled(chunk: TableChunk): void {
    this.#used.add(chunk)
    this.#keptRows += chunk.rows
    for (const other of this.#used) {
      if (this.#keptRows * columns * 8 <= keptBytes || other === chunk) break
      this.forget(other)
    }
  }

  /** The chunk is gone, or its rows can be loaded again. */
  forget(chunk: TableChunk): void {
    if (!this.#used.delete(chunk)) return
    this.#keptRows -= chunk.rows
    chunk.cells = undefined
  }
}
