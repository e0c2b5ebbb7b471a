import { columns } from './table-chunk.ts'

/**
 * The rows of a chunk in a checkpoint, little-endian: for each column its smallest number as f64, and then the rows, each number less the
 * smallest of its column: as u32 where all of the column fit, else as f64. The first byte says which columns are u32 (bit 0 the first),
 * the seven after it are zeros. Numbers of a chunk lie close to each other, so mostly a row has 12 bytes.
 */
const headBytes = 8 + columns * 8

export function encodeChunk(cells: Float64Array, rows: number): Buffer {
  const smallest = new Float64Array(columns).fill(Number.POSITIVE_INFINITY)
  const greatest = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY)
  for (let at = 0; at < rows * columns; at++) {
    const [column, value] = [at % columns, cells[at] as number]
    if (value < (smallest[column] as number)) smallest[column] = value
    if (value > (greatest[column] as number)) greatest[column] = value
  }
  let [narrow, rowBytes] = [0, 0]
  for (let column = 0; column < columns; column++) {
    const isNarrow = fitsU32((greatest[column] as number) - (smallest[column] as number))
    if (isNarrow) narrow |= 1 << column
    rowBytes += isNarrow ? 4 : 8
  }
  const bytes = Buffer.alloc(headBytes + rows * rowBytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  bytes[0] = narrow
  for (let column = 0; column < columns; column++) view.setFloat64(8 + column * 8, smallest[column] as number, true)
  let position = headBytes
  for (let at = 0; at < rows * columns; at++) {
    const column = at % columns
    const difference = (cells[at] as number) - (smallest[column] as number)
    if (narrow & (1 << column)) view.setUint32(position, difference, true)
    else view.setFloat64(position, difference, true)
    position += narrow & (1 << column) ? 4 : 8
  }
  return bytes
}

/** Differences are exact, so numbers that were no whole ones come back as they were. */
function fitsU32(difference: number): boolean {
  return Number.isInteger(difference) && difference < 2 ** 32
}

/** @param bytes as `encodeChunk` made them, their checksum verified */
export function decodeChunk(bytes: Buffer, rows: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const narrow = bytes[0] as number
  const cells = new Float64Array(rows * columns)
  let position = headBytes
  for (let at = 0; at < rows * columns; at++) {
    const column = at % columns
    const isNarrow = (narrow & (1 << column)) !== 0
    const difference = isNarrow ? view.getUint32(position, true) : view.getFloat64(position, true)
    cells[at] = difference + view.getFloat64(8 + column * 8, true)
    position += isNarrow ? 4 : 8
  }
  return cells
}
