import { columns, type ChunkPlace, type TableChunk } from './table-chunk.ts'

/** Loads the rows of a chunk from the checkpoint that has them. */
export type LoadChunk = (place: ChunkPlace, rows: number) => Float64Array

/** So many bytes of chunks that checkpoints have as well stay in memory. */
const keptBytes = 6 * 1024 * 1024

/** Which chunks have their rows in memory: all new ones, and of the others those that were used last. */
export class ChunkMemory {
  readonly #load: LoadChunk
  /** Those that could go, the ones used longest ago first. */
  readonly #used = new Set<TableChunk>()
  #keptRows = 0
  /** Rows that no checkpoint has, about. */
  newRows = 0

  constructor(load: LoadChunk) {
    this.#load = load
  }

  /** The rows of a chunk. */
  cellsOf(chunk: TableChunk): Float64Array {
    if (!chunk.place) return chunk.cells as Float64Array
    if (chunk.cells) {
      // One whose checkpoint is being written is not among them yet.
      if (this.#used.delete(chunk)) this.#used.add(chunk)
      return chunk.cells
    }
    chunk.cells = this.#load(chunk.place, chunk.rows)
    this.settled(chunk)
    return chunk.cells
  }

  /** The rows of a chunk that is about to change, with which it is new. @param changedRows what of it counts as new */
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

  /** It is gone, or its rows can be loaded again. */
  forget(chunk: TableChunk): void {
    if (!this.#used.delete(chunk)) return
    this.#keptRows -= chunk.rows
    chunk.cells = undefined
  }
}
