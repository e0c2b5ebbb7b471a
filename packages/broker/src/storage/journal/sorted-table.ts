import type { ChunkMemory } from './chunk-memory.ts'
import { chunkRows, columns, firstRowAtLeast, TableChunk, type TableKind } from './table-chunk.ts'

export type Row = readonly [key: number, second: number, third: number]
/** Called with each removed or replaced row. */
export type OnRow = (second: number, third: number) => void

/** A place in a table. */
interface Place {
  readonly chunk: number
  readonly row: number
}

/**
 * A table of one log, sorted by its first column, partly in memory. One holds the batches of a log: last offset,
 * address, length. One holds its index: base offset, greatest timestamp before it, position. All columns of the index
 * grow, so each can be searched.
 */
export class SortedTable {
  readonly #kind: TableKind
  readonly #memory: ChunkMemory
  readonly chunks: TableChunk[]

  constructor(kind: TableKind, memory: ChunkMemory, chunks: TableChunk[] = []) {
    this.#kind = kind
    this.#memory = memory
    this.chunks = chunks
  }

  get isEmpty(): boolean {
    return this.chunks.length === 0
  }

  get lastKey(): number {
    return this.chunks.at(-1)?.lastKey ?? -1
  }

  /** Adds a row at the end. Its key is greater than all others. */
  append(key: number, second: number, third: number): void {
    let chunk = this.chunks.at(-1)
    if (!chunk || chunk.rows === chunkRows || (chunk.place && chunk.rows >= chunkRows / 8)) {
      chunk = new TableChunk(this.#kind)
      this.chunks.push(chunk)
    }
    // The former rows of the last chunk are in memory anyway.
    chunk.append(this.#memory.cellsToChange(chunk, 1), key, second, third)
  }

  /** The place of the row with that key, for `set` and `remove`. */
  find(key: number): Place | undefined {
    const place = this.#firstAtLeast(key)
    return place && this.#row(place)[0] === key ? place : undefined
  }

  /** The first row with at least that key. */
  firstAtLeast(key: number): Row | undefined {
    const place = this.#firstAtLeast(key)
    return place && this.#row(place)
  }

  /** The first key that is at least that; if its chunk can no longer be read, the last key of the chunk. */
  keyAtLeast(key: number): number | undefined {
    try {
      return this.firstAtLeast(key)?.[0]
    } catch {
      return this.chunks[this.#chunkAtLeast(key)]?.lastKey
    }
  }

  row(place: Place): Row {
    return this.#row(place)
  }

  set({ chunk: index, row }: Place, second: number, third: number): void {
    const chunk = this.chunks[index] as TableChunk
    chunk.set(this.#memory.cellsToChange(chunk), row, second, third)
  }

  remove({ chunk: index, row }: Place): void {
    const chunk = this.chunks[index] as TableChunk
    chunk.splice(this.#memory.cellsToChange(chunk), row, 1)
    if (chunk.rows === 0) this.chunks.splice(index, 1)
  }

  /** Visits rows in order, from the first with at least that key, until `visit` returns false. */
  visitFrom(key: number, visit: (key: number, second: number, third: number) => boolean): void {
    const from = this.#firstAtLeast(key)
    if (!from) return
    let { row } = from
    for (let index = from.chunk; index < this.chunks.length; index++, row = 0) {
      const chunk = this.chunks[index] as TableChunk
      const cells = this.#memory.cellsOf(chunk)
      for (; row < chunk.rows; row++) {
        const at = row * columns
        if (!visit(cells[at] as number, cells[at + 1] as number, cells[at + 2] as number)) return
      }
    }
  }

  /** Removes the rows with smaller keys. */
  removeBefore(key: number, removed: OnRow): void {
    let whole = 0
    for (; whole < this.chunks.length && (this.chunks[whole] as TableChunk).lastKey < key; whole++) {
      const chunk = this.chunks[whole] as TableChunk
      visitRows(this.#memory.cellsOf(chunk), chunk.rows, removed)
      this.#memory.forget(chunk)
    }
    this.chunks.splice(0, whole)
    const first = this.chunks[0]
    if (!first || first.firstKey >= key) return
    const cells = this.#memory.cellsToChange(first, this.chunks.length === 1 ? 1 : first.rows)
    const count = firstRowAtLeast(cells, first.rows, 0, key)
    visitRows(cells, count, removed)
    first.splice(cells, 0, count)
  }

  /** The key after this many chunks; undefined if there are fewer. */
  keyAfterChunks(count: number): number | undefined {
    return this.chunks[count]?.firstKey
  }

  /** The last row whose number in a column is below the value. That column must grow with the key. */
  lastBelow(column: 0 | 1 | 2, value: number): Row | undefined {
    let [low, high] = [0, this.chunks.length]
    // The last chunk whose first row is below: it has the row, if any has.
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#row({ chunk: middle, row: 0 })[column] < value) low = middle + 1
      else high = middle
    }
    const chunk = this.chunks[low - 1]
    if (!chunk) return undefined
    const row = firstRowAtLeast(this.#memory.cellsOf(chunk), chunk.rows, column, value) - 1
    return this.#row({ chunk: low - 1, row })
  }

  #firstAtLeast(key: number): Place | undefined {
    const index = this.#chunkAtLeast(key)
    const chunk = this.chunks[index]
    return chunk && { chunk: index, row: firstRowAtLeast(this.#memory.cellsOf(chunk), chunk.rows, 0, key) }
  }

  /** The chunk with the first row that has at least that key. */
  #chunkAtLeast(key: number): number {
    let [low, high] = [0, this.chunks.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.chunks[middle] as TableChunk).lastKey >= key) high = middle
      else low = middle + 1
    }
    return low
  }

  #row({ chunk: index, row }: Place): Row {
    const cells = this.#memory.cellsOf(this.chunks[index] as TableChunk)
    const at = row * columns
    return [cells[at] as number, cells[at + 1] as number, cells[at + 2] as number]
  }
}

function visitRows(cells: Float64Array, rows: number, visit: OnRow): void {
  for (let at = 0; at < rows * columns; at += columns) visit(cells[at + 1] as number, cells[at + 2] as number)
}
