import { columns } from './table-chunk.ts'

/**
 * The rows of a chunk in a checkpoint, little-endian. The first byte has a bit for each narrow column (bit 0 for the
 * first one), and seven zeros follow. Then comes one column after the other: its smallest number as f64, and for each
 * row the number less the smallest, as u32 in a narrow column, otherwise as f64. The numbers of a chunk are close to
 * each other, so most rows have 12 bytes.
 */
const headBytes = 8

/** The most bytes for this many rows. */
export function mostChunkBytes(rows: number): number {
  return headBytes + columns * 8 * (rows + 1)
}

/** The fewest bytes for this many rows. */
export function leastChunkBytes(rows: number): number {
  return headBytes + columns * (8 + 4 * rows)
}

/** Writes the rows to a place with enough room; returns where they end. */
export function encodeChunk(cells: Float64Array, rows: number, view: DataView, start: number): number {
  let [narrow, position] = [0, start + headBytes]
  const end = rows * columns
  for (let column = 0; column < columns; column++) {
    const smallest = smallestOf(cells, end, column)
    view.setFloat64(position, smallest, true)
    const narrowEnd = encodeNarrow(cells, end, column, smallest, view, position + 8)
    if (narrowEnd !== undefined) {
      narrow |= 1 << column
      position = narrowEnd
      continue
    }
    position += 8
    for (let at = column; at < end; at += columns, position += 8)
      view.setFloat64(position, (cells[at] as number) - smallest, true)
  }
  view.setUint32(start, narrow, true)
  view.setUint32(start + 4, 0, true)
  return position
}

function smallestOf(cells: Float64Array, end: number, column: number): number {
  let smallest = cells[column] as number
  for (let at = column; at < end; at += columns) {
    const value = cells[at] as number
    if (value < smallest) smallest = value
  }
  return smallest
}

/** Returns where the column ends; undefined unless all differences are whole numbers below 2^32. */
function encodeNarrow(
  cells: Float64Array,
  end: number,
  column: number,
  smallest: number,
  view: DataView,
  start: number,
): number | undefined {
  let position = start
  for (let at = column; at < end; at += columns, position += 4) {
    const difference = (cells[at] as number) - smallest
    if (difference >>> 0 !== difference) return undefined
    view.setUint32(position, difference, true)
  }
  return position
}

/**
 * @param bytes the output of `encodeChunk` for this many rows, with a verified checksum
 * @returns undefined when they are no such output
 */
export function decodeChunk(bytes: Buffer, rows: number): Float64Array | undefined {
  const narrow = bytes[0] as number
  let length = headBytes
  for (let column = 0; column < columns; column++) length += 8 + rows * (narrow & (1 << column) ? 4 : 8)
  if (length !== bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const cells = new Float64Array(rows * columns)
  let position = headBytes
  for (let column = 0; column < columns; column++) {
    const smallest = view.getFloat64(position, true)
    position += 8
    const isNarrow = (narrow & (1 << column)) !== 0
    for (let at = column; at < rows * columns; at += columns, position += isNarrow ? 4 : 8)
      cells[at] = (isNarrow ? view.getUint32(position, true) : view.getFloat64(position, true)) + smallest
  }
  return cells
}
