/** Where a chunk lies in a checkpoint file. */
export interface ChunkPlace {
  readonly checkpoint: number
  readonly position: number
  readonly bytes: number
  readonly crc: number
}

/** Numbers in a row of a table: the key, which grows, and two more. */
export const columns = 3
export const chunkRows = 1024
const firstRows = 8

/**
 * A piece of a sorted table: up to 1,024 rows. Its rows are in memory while they are new or used; where they are in a
 * checkpoint as well they can go and be loaded again.
 */
export class TableChunk {
  rows: number
  firstKey: number
  lastKey: number
  /** Where its rows are as they are now; undefined when no checkpoint has them. */
  place: ChunkPlace | undefined
  /** `columns` numbers a row; undefined when they are only in a checkpoint. */
  cells: Float64Array | undefined

  constructor(rows = 0, firstKey = 0, lastKey = -1, place?: ChunkPlace) {
    this.rows = rows
    this.firstKey = firstKey
    this.lastKey = lastKey
    this.place = place
    if (!place) this.cells = new Float64Array(firstRows * columns)
  }

  /** @param cells its own, loaded */
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

  /** Takes rows out. */
  splice(cells: Float64Array, row: number, count: number): void {
    cells.copyWithin(row * columns, (row + count) * columns, this.rows * columns)
    this.rows -= count
    this.firstKey = cells[0] as number
    this.lastKey = this.rows === 0 ? -1 : (cells[(this.rows - 1) * columns] as number)
    this.place = undefined
  }
}

/** The first of a chunk's rows whose number in a column is at least that; `rows` when there is none. */
export function firstRowAtLeast(cells: Float64Array, rows: number, column: number, value: number): number {
  let [low, high] = [0, rows]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cells[middle * columns + column] as number) >= value) high = middle
    else low = middle + 1
  }
  return low
}
