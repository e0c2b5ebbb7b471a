/** The place of a chunk in a checkpoint file. */
export interface ChunkPlace {
  readonly checkpoint: number
  readonly position: number
  readonly bytes: number
  readonly crc: number
}

/** What the rows of a table are: see LogTables. */
export type TableKind = 'batches' | 'index'

/** Numbers per row: the key, which grows, and two more. */
export const columns = 3
export const chunkRows = 1024
const firstRows = 8

/**
 * A piece of a sorted table: up to 1,024 rows. Its rows are in memory while they are new or in use; if a checkpoint has
 * them too, they can be dropped and loaded again.
 */
export class TableChunk {
  readonly kind: TableKind
  rows: number
  firstKey: number
  lastKey: number
  /** The place of its present rows; undefined if no checkpoint has them. */
  place: ChunkPlace | undefined
  /** `columns` numbers per row; undefined if only a checkpoint has them. */
  cells: Float64Array | undefined

  constructor(kind: TableKind, rows = 0, firstKey = 0, lastKey = -1, place?: ChunkPlace) {
    this.kind = kind
    this.rows = rows
    this.firstKey = firstKey
    this.lastKey = lastKey
    this.place = place
    if (!place) this.cells = new Float64Array(firstRows * columns)
  }

  /** @param cells its own cells, loaded */
  append(cells: Float64Array, key: number, second: number, third: number): void {
    let room = cells
    if (this.rows * columns === cells.length) {
      room = new Float64Array(Math.min(cells.length * 2, chunkRows * columns))
      room.set(cells)
      this.cells = room
    }
    const at = this.rows * columns
    room[at] = key
    room[at + 1] = second
    room[at + 2] = third
    if (this.rows === 0) this.firstKey = key
    this.rows++
    this.lastKey = key
    this.place = undefined
  }

  set(cells: Float64Array, row: number, second: number, third: number): void {
    cells[row * columns + 1] = second
    cells[row * columns + 2] = third
    this.place = undefined
  }

  /** Removes rows. */
  splice(cells: Float64Array, row: number, count: number): void {
    cells.copyWithin(row * columns, (row + count) * columns, this.rows * columns)
    this.rows -= count
    this.firstKey = cells[0] as number
    this.lastKey = this.rows === 0 ? -1 : (cells[(this.rows - 1) * columns] as number)
    this.place = undefined
  }
}

/** The first row of a chunk with at least that number in a column; `rows` if there is none. */
export function firstRowAtLeast(cells: Float64Array, rows: number, column: number, value: number): number {
  let [low, high] = [0, rows]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cells[middle * columns + column] as number) >= value) high = middle
    else low = middle + 1
  }
  return low
}
